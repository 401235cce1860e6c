import type { ChangeLog } from './change-log.ts'
import { inWords, isWrite, type Operation, sightOf, type Violation } from './history.ts'

/**
 * A read that may be answered from a cache may be old, but never of what was not: it tells a version that was written before
 * it ended.
 */
export function neverWritten(
  reads: readonly Operation[],
  operations: readonly Operation[],
  log: ChangeLog,
): Violation[] {
  const told = new Map(log.changes.map(({ key, revision, value }) => [`${key} ${revision}`, value]))
  const calls = new Map(operations.filter(isWrite).map(({ value, call }) => [value, call]))
  return reads
    .filter(({ outcome, revision }) => outcome === 'ok' && revision > 0)
    .filter(({ key, revision, value, end }) => {
      const known = told.get(`${key} ${revision}`)
      return (known !== undefined && known !== value) || (calls.get(value) ?? Infinity) > end
    })
    .map((read) => ({
      rule: 'a cache tells what was written',
      words: `"${inWords(read)}": that was never written, or not yet`,
      operations: [read.id],
      sights: [sightOf(read), ...operations.flatMap((one) => (wrote(one, read) ? [sightOf(one, false)] : []))],
    }))
}

/** Whether it is what a read should have told, or did too early. */
function wrote(one: Operation, { key, revision, value }: Operation): boolean {
  return isWrite(one) && one.key === key && (one.revision === revision || one.value === value)
}
