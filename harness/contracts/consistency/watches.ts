import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { listingsOf, watchedOf } from '../../judge/history/from-recording.ts'
import type { Violation } from '../../judge/history/history.ts'
import { snapshots } from '../../judge/history/snapshots.ts'
import type { Stream, StreamEvent } from '../../judge/history/streams.ts'
import { brokenGuarantees } from '../../judge/history/watch-guarantees.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireEvidence, requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { lossWords, witnessed } from '../../judge/witness.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** API-04. */
const missesNothing: Contract = {
  id: 'API-04',
  area: 'kube-apiserver',
  promise:
    'A watch tells every change after the resource version that it was asked for, once and in order, also where it is taken up again at another API server.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes',
  scenarios: ['consistency'],
  judge(recording) {
    const watched = watchedOf(recording, 'apiserver')
    const events = eventsOf(watched.streams)
    const resumed = requireNonEmpty(interrupted(recording, 'apiserver'), 'No watch of an API server was interrupted.')
    const { violations, compared } = snapshots(listingsOf(recording, 'apiserver', 'consistent'), watched.log)
    const last = compared.at(-1)
    if (!last || compared.length < 2)
      throw new InconclusiveError('No list was taken before the last event of the watches.')
    const broken = brokenGuarantees(watched.streams, watched.log).filter(({ rule }) => rule !== 'bookmarkable')
    return exact(
      [...watched.violations, ...broken, ...violations, ...lost(recording)],
      `${counted(watched.streams.length, 'watch', 'watches')}, ${resumed.length} of them interrupted, left nothing out and lead to what ${counted(compared.length, 'list')} say, the last one of revision ${last.parts[0]}.`,
      `${counted(events, 'event')}, none lost, doubled or out of order`,
    )
  },
}

/** The recorder's own watches, of all that Kubernetes keeps, held to what etcd's members told of their commits. */
function lost(recording: Recording): Violation[] {
  return witnessed(recording)
    .filter(({ dropped, doubled }) => dropped.length + doubled.length > 0)
    .map((one) => ({ rule: 'reliable', words: lossWords(one), operations: [] }))
}

/** API-06. */
const bookmarks: Contract = {
  id: 'API-06',
  area: 'kube-apiserver',
  promise:
    'After a bookmark no change up to its resource version is told: it marks that everything before has been told.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks',
  scenarios: ['consistency'],
  judge(recording) {
    const watched = watchedOf(recording, 'apiserver')
    const marked = watched.streams.filter((stream) => marksOf([stream]).length > 0)
    const marks = requireNonEmpty(marksOf(marked), 'No bookmark was told.')
    const broken = brokenGuarantees(marked, watched.log).filter(({ rule }) => /bookmarkable|reliable/.test(rule))
    return exact(
      broken,
      `Of ${counted(marks.length, 'bookmark')} each was true.`,
      counted(marks.length, 'true bookmark'),
    )
  },
}

/** ETCD-05. */
const sixGuarantees: Contract = {
  id: 'ETCD-05',
  area: 'etcd',
  promise:
    'A watch is ordered, unique, reliable, atomic, resumable and bookmarkable, also where it is taken up again on another member.',
  reference: 'https://etcd.io/docs/v3.7/learning/api_guarantees/',
  scenarios: ['consistency'],
  judge(recording) {
    const watched = watchedOf(recording, 'etcd')
    const events = eventsOf(watched.streams)
    const resumed = requireNonEmpty(interrupted(recording, 'etcd'), 'No watch of etcd was interrupted.')
    const several = Map.groupBy(watched.log.changes, ({ revision }) => revision)
    requireEvidence(
      [...several.values()].some((changes) => changes.length > 1),
      'No revision changed several keys at once.',
    )
    const marks = requireNonEmpty(marksOf(watched.streams), 'No member told how far a watch had got.')
    const broken: Violation[] = [...watched.violations, ...brokenGuarantees(watched.streams, watched.log)]
    return exact(
      broken,
      `${counted(watched.streams.length, 'watch', 'watches')}, ${resumed.length} of them interrupted, told every change once, in order and whole, and ${counted(marks.length, 'mark')} of how far they had got were true.`,
      `${counted(events, 'event')}, none lost, doubled, torn or out of order`,
    )
  },
}

function interrupted(recording: Recording, store: 'etcd' | 'apiserver'): { readonly id: string }[] {
  return recording.of('stream').filter((one) => one.store === store && one.edge === 'ended' && one.end !== 'closed')
}

function marksOf(streams: readonly Stream[]): StreamEvent[] {
  return streams.flatMap(({ events }) => events.filter(({ type }) => type === 'bookmark'))
}

function eventsOf(streams: readonly Stream[]): number {
  const events = streams.reduce((sum, stream) => sum + stream.events.length, 0)
  if (events === 0) throw new InconclusiveError('No watch told anything.')
  return events
}

export const watches: readonly Contract[] = [missesNothing, bookmarks]
export const etcdWatches: readonly Contract[] = [sixGuarantees]
