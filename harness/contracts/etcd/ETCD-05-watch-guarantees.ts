import { defineContract } from '../../judge/contract.ts'
import { watchedOf } from '../../judge/history/from-recording.ts'
import type { Stream } from '../../judge/history/watches/streams.ts'
import { brokenGuarantees } from '../../judge/history/watches/watch-guarantees.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { requireEvidence, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted } from '../../judge/verdict/format.ts'
import { type Watched, eventsOf, interrupted, marksOf } from '../consistency/client-watches.ts'
import { noViolation, violated } from '../consistency/violations.ts'

const found = findings({
  GUARANTEES_KEPT: ({ streams, interrupted, events, marks }: Watched & { readonly marks: number }) =>
    `${counted(streams, 'watch', 'watches')}, ${interrupted} of them interrupted, reported ${counted(events, 'event')} once, in order and complete; ${counted(marks, 'progress mark')} were true.`,
})

export const watchGuarantees = defineContract<Stream>({
  id: 'ETCD-05',
  area: 'etcd',
  promise:
    'A watch of etcd is ordered, unique, reliable, atomic, resumable and bookmarkable, also when it resumes on another member.',
  reference: 'https://etcd.io/docs/v3.7/learning/api_guarantees/',
  stimulus: { needs: 'a watch of etcd', find: (recording) => watchedOf(recording, 'etcd').streams },
  judge(recording, streams) {
    const watched = watchedOf(recording, 'etcd')
    const broken = violated([...watched.violations, ...brokenGuarantees(watched.streams, watched.log)])
    if (broken) return broken
    const resumed = requireNonEmpty(interrupted(recording, 'etcd'), 'No watch of etcd was interrupted.', 'NOT_RESUMED')
    const several = Map.groupBy(watched.log.changes, ({ revision }) => revision)
    requireEvidence(
      [...several.values()].some((changes) => changes.length > 1),
      'No revision changed several keys at once.',
      'NO_TRANSACTION',
    )
    const marks = requireNonEmpty(marksOf(streams), 'No watch of etcd reported its progress.', 'NO_BOOKMARK')
    return found.pass(
      'GUARANTEES_KEPT',
      { streams: streams.length, interrupted: resumed.length, events: eventsOf(streams), marks: marks.length },
      { observed: 'no event lost, repeated, torn or out of order', ...noViolation },
    )
  },
})
