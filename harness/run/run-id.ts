import { randomBytes } from 'node:crypto'

/** Creates a run id that sorts by time: 20260102-030405-1f2e. The random suffix distinguishes runs of the same second. */
export function newRunId(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return `${time}-${randomBytes(2).toString('hex')}`
}
