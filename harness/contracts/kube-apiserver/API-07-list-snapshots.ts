import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { listingsOf } from '../../judge/history/from-recording.ts'
import type { Listing } from '../../judge/history/snapshots.ts'
import { counted } from '../../judge/verdict/format.ts'
import { comparedLists, requireCompared } from '../consistency/compared-lists.ts'
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

/** A list at a requested revision, or from a cache, is a snapshot too. */
export const listSnapshots = defineContract<Listing>({
  id: 'API-07',
  area: 'kube-apiserver',
  promise: 'A list is a snapshot of one revision, even when different API servers answer its parts.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks',
  stimulus: {
    needs: 'a list in several parts from an API server',
    find: (recording) => listingsOf(recording, 'apiserver', 'paged').filter(({ parts }) => parts.length > 1),
  },
  judge(recording, paged) {
    const lists = comparedLists(recording, 'apiserver')
    const { all, compared, violations } = lists
    const listings = recording.of('listing')
    const evidence = violations.flatMap(({ operations }) => operations.flatMap((id) => listings[id] ?? []))
    const broken = violated(violations, { evidence })
    if (broken) return broken
    requireCompared(lists)
    return found.pass(
      'LISTS_ARE_SNAPSHOTS',
      { paged: paged.length, compared: compared.length, lists: all.length },
      { observed: `${counted(compared.length, 'list')}, each one snapshot`, ...noViolation },
    )
  },
})
