import { randomBytes } from 'node:crypto'

/** Sorts by time, and no two runs of the same second are alike: 20260102-030405-1f2e. */
export function newRunId(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return `${time}-${randomBytes(2).toString('hex')}`
}
