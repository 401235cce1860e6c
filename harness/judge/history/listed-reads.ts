import type { Operation } from './history.ts'
import type { Listing } from './snapshots.ts'

/**
 * A list that is owed the newest state reads every object at some one time between its call and its end, those that it lacks as
 * absent: as one read of each object it can be held to all that is known of that object. `from` is the first free id.
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
