import { listingsOf, watchedOf } from '../../judge/history/from-recording.ts'
import { type Listing, type Snapshots, snapshots } from '../../judge/history/snapshots.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted } from '../../judge/verdict/format.ts'

interface ComparedLists extends Snapshots {
  readonly all: readonly Listing[]
}

/** Compares the lists of one kind of store with what its watches report of their revisions. */
export function comparedLists(recording: Recording, store: 'etcd' | 'apiserver'): ComparedLists {
  const all = listingsOf(recording, store)
  return { all, ...snapshots(all, watchedOf(recording, store).log) }
}

/** @throws InconclusiveError NOT_WATCHED where the watches cover less than half of the lists */
export function requireCompared({ all, compared }: ComparedLists): void {
  if (compared.length >= all.length / 2) return
  throw new InconclusiveError(
    `The watches cover only ${compared.length} of ${counted(all.length, 'list')}.`,
    'NOT_WATCHED',
  )
}
