import type { RecordOf } from '../../harness/record/records.ts'

/**
 * Keeps, for each object, only events newer than all before. Watches of several API servers report the same changes at different
 * times; without this, one that lags would draw an old state over the current one.
 */
export function newestOnly(records: readonly RecordOf<'watch'>[]): RecordOf<'watch'>[] {
  const newest = new Map<string, number>()
  return records.filter(({ uid, name, resourceVersion }) => {
    const version = Number(resourceVersion)
    const key = uid || name
    if (version <= (newest.get(key) ?? -1)) return false
    newest.set(key, version)
    return true
  })
}
