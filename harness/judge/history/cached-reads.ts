import type { ChangeLog } from './watches/change-log.ts'
import { formatOperation, isWrite, type Operation, sightOf, type Violation } from './history.ts'

/** A read from a cache may be old, but returns a version that was written before the read ended. */
export function neverWritten(
  reads: readonly Operation[],
  operations: readonly Operation[],
  log: ChangeLog,
): Violation[] {
  const reported = new Map(log.changes.map(({ key, revision, value }) => [`${key} ${revision}`, value]))
  const calls = new Map(operations.filter(isWrite).map(({ value, call }) => [value, call]))
  return reads
    .filter(({ outcome, revision }) => outcome === 'ok' && revision > 0)
    .filter(({ key, revision, value, end }) => {
      const known = reported.get(`${key} ${revision}`)
      return (known !== undefined && known !== value) || (calls.get(value) ?? Infinity) > end
    })
    .map((read) => ({
      rule: 'a cache tells what was written',
      description: `"${formatOperation(read)}": that was never written, or not yet`,
      operations: [read.id],
      sights: [sightOf(read), ...operations.flatMap((one) => (wrote(one, read) ? [sightOf(one, false)] : []))],
    }))
}

/** Whether an operation wrote the value or the revision that a read returned. */
function wrote(one: Operation, { key, revision, value }: Operation): boolean {
  return isWrite(one) && one.key === key && (one.revision === revision || one.value === value)
}
