import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { listingsOf, watchedOf } from '../../judge/history/from-recording.ts'
import { snapshots } from '../../judge/history/snapshots.ts'
import { requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** API-07. What is asked for at a revision, or of a cache, is a snapshot too. */
const oneSnapshot: Contract = {
  id: 'API-07',
  area: 'kube-apiserver',
  promise:
    'A list in parts is one snapshot, however long it takes and whichever API server answers; so is every other list.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks',
  scenarios: ['consistency'],
  judge(recording) {
    const paged = requireNonEmpty(
      listingsOf(recording, 'apiserver', 'paged').filter(({ parts }) => parts.length > 1),
      'No list came in several parts.',
    )
    const watched = watchedOf(recording, 'apiserver')
    const all = listingsOf(recording, 'apiserver')
    const { violations, compared } = snapshots(all, watched.log)
    if (violations.length === 0 && compared.length < all.length / 2) {
      throw new InconclusiveError(`The watches cover only ${compared.length} of ${counted(all.length, 'list')}.`)
    }
    return exact(
      violations,
      `${counted(paged.length, 'list')} in parts were each of one revision, and ${compared.length} of ${counted(all.length, 'list')} were compared with what the watches say of their revisions.`,
      `${counted(compared.length, 'list')}, each one snapshot`,
    )
  },
}

export const pages: readonly Contract[] = [oneSnapshot]
