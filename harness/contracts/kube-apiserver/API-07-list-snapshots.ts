import { type Contract, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { listingsOf, watchedOf } from '../../judge/history/from-recording.ts'
import { type Listing, snapshots } from '../../judge/history/snapshots.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted } from '../../judge/verdict/words.ts'
import { noViolation, violated } from '../consistency/violations.ts'

interface Snapshots {
  readonly paged: number
  readonly compared: number
  readonly lists: number
}

const found = findings({
  LISTS_ARE_SNAPSHOTS: ({ paged, compared, lists }: Snapshots) =>
    `Each of ${counted(paged, 'list')} in parts had one revision, and ${compared} of ${counted(lists, 'list')} equal what the watches report of their revisions.`,
})

/** API-07. A list at a requested revision, or from a cache, is a snapshot too. */
const oneSnapshot = defineContract<Listing>({
  id: 'API-07',
  area: 'kube-apiserver',
  promise: 'A list is a snapshot of one revision, even when different API servers answer its parts.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks',
  stimulus: {
    needs: 'a list in several parts from an API server',
    find: (recording) => listingsOf(recording, 'apiserver', 'paged').filter(({ parts }) => parts.length > 1),
  },
  judge(recording, paged) {
    const all = listingsOf(recording, 'apiserver')
    const { violations, compared } = snapshots(all, watchedOf(recording, 'apiserver').log)
    const listings = recording.of('listing')
    const evidence = violations.flatMap(({ operations }) => operations.flatMap((id) => listings[id] ?? []))
    const broken = violated(violations, { evidence })
    if (broken) return broken
    if (compared.length < all.length / 2)
      throw new InconclusiveError(
        `The watches cover only ${compared.length} of ${counted(all.length, 'list')}.`,
        'NOT_WATCHED',
      )
    return found.pass(
      'LISTS_ARE_SNAPSHOTS',
      { paged: paged.length, compared: compared.length, lists: all.length },
      { observed: `${counted(compared.length, 'list')}, each one snapshot`, ...noViolation },
    )
  },
})

export const pages: readonly Contract[] = [oneSnapshot]
