import type { RecordOf } from '../../harness/record/records.ts'

/**
 * Watches of several API servers tell the same story at different speeds. Of each object only what is newer than all that
 * was told before is news; one that lags behind would otherwise draw the past over the present.
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
