import type { Operation } from './history.ts'
import type { Listing } from './snapshots.ts'

/**
 * A consistent list reads every object at one time between its call and its end, and missing objects as absent. As one
 * read of each object it can be compared with all operations on that object. `from` is the first free id.
 */
export function listedReads(listings: readonly Listing[], keys: readonly string[], from: number): Operation[] {
  return listings
    .flatMap(({ client, call, end, items }) =>
      keys.map((key) => {
        const { revision = 0, value = '' } = items.get(key) ?? {}
        return { client: `${client} (list)`, key, call, end, revision, value }
      }),
    )
    .map((read, n) => ({ id: from + n, kind: 'get', outcome: 'ok', refusal: '', precondition: 0, ...read }))
}
