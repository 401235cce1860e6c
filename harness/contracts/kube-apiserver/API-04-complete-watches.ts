import { defineContract } from '../../judge/contract.ts'
import { requireRecords } from '../../judge/coverage/required-records.ts'
import { formatLoss, witnessed } from '../../judge/coverage/witness.ts'
import { listingsOf, watchedOf } from '../../judge/history/from-recording.ts'
import type { Violation } from '../../judge/history/history.ts'
import { snapshots } from '../../judge/history/snapshots.ts'
import { brokenGuarantees } from '../../judge/history/watches/watch-guarantees.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { mayBeRestored } from '../../judge/recording/restored.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted } from '../../judge/verdict/format.ts'
import { quorumRecovery } from '../bounds.ts'
import { type Watched, eventsOf, interrupted } from '../consistency/client-watches.ts'
import { noViolation, violated } from '../consistency/violations.ts'
import { apiServersOf, hinderedTimes, membersOf } from '../fault-effects.ts'

interface Complete extends Watched {
  /** Watches of the recorder that were compared with what etcd stored. */
  readonly recorders: number
  readonly stored: number
  /** Lists that were compared with the result of the clients' watches. */
  readonly lists: number
}

const found = findings({
  WATCHES_COMPLETE: ({ streams, interrupted, events, recorders, stored, lists }: Complete) =>
    [
      ...(recorders > 0
        ? [
            `${counted(recorders, 'watch', 'watches')} of the recorder reported ${counted(stored, 'change')} of etcd once each.`,
          ]
        : []),
      ...(streams > 0
        ? [
            `${counted(streams, 'watch', 'watches')} of clients, ${interrupted} of them interrupted, reported ${counted(events, 'event')} once and in order, and agree with ${counted(lists, 'list')}.`,
          ]
        : []),
    ].join(' '),
})

export const completeWatches = defineContract<object>({
  id: 'API-04',
  area: 'kube-apiserver',
  promise:
    'A watch reports every change after its resource version exactly once and in order, also when it resumes at another API server.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes',
  stimulus: {
    needs: 'a watch of an API server, with what etcd stored or what clients listed',
    find: (recording) => {
      if (mayBeRestored(recording)) return []
      const streams = recording.of('stream').filter(({ store, edge }) => store === 'apiserver' && edge === 'opened')
      return [...witnessed(recording), ...streams]
    },
  },
  judge(recording) {
    const watched = watchedOf(recording, 'apiserver')
    const { violations, compared } = snapshots(listingsOf(recording, 'apiserver', 'consistent'), watched.log)
    const guarantees = brokenGuarantees(watched.streams, watched.log).filter(({ rule }) => rule !== 'bookmarkable')
    const broken = violated([...watched.violations, ...guarantees, ...violations, ...lost(recording)])
    if (broken) return broken
    if (watched.streams.length > 0 && compared.length < 2)
      throw new InconclusiveError('No list was recorded before the last event of the watches.', 'NOT_LISTED')
    const recorders = requireNonEmpty(
      witnessed(recording),
      "What etcd stored was not recorded: a watch can't be compared with it.",
      'NO_WITNESS',
    )
    requireWitness(recording)
    return found.pass(
      'WATCHES_COMPLETE',
      {
        streams: watched.streams.length,
        interrupted: interrupted(recording, 'apiserver').length,
        events: eventsOf(watched.streams),
        recorders: recorders.length,
        stored: recorders.reduce((sum, { stored }) => sum + stored, 0),
        lists: compared.length,
      },
      { observed: 'no change lost, repeated or out of order', ...noViolation },
    )
  },
})

/** Each API server renews a key of its own every 10 s, and each kubelet a Lease, so something is stored all the time. */
const longestSilenceMs = 20_000

/** @throws InconclusiveError NO_WITNESS, HOST_NOISE where no change of etcd was recorded, and no fault kept etcd from changes */
function requireWitness(recording: Recording): void {
  const places = [...membersOf(recording), ...apiServersOf(recording)]
  const excused = hinderedTimes(recording, places, quorumRecovery(recording).limit)
  const times = recording.of('stored').map(({ at }) => at)
  const needed = { description: 'A change that etcd committed', code: 'NO_WITNESS', values: {} }
  for (const time of without(span(recording), excused)) requireRecords(recording, needed, times, time, longestSilenceMs)
}

/** The recorder's own watches of all Kubernetes objects, compared with the commits that etcd's members reported. */
function lost(recording: Recording): Violation[] {
  return witnessed(recording)
    .filter(({ dropped, doubled }) => dropped.length + doubled.length > 0)
    .map((one) => ({
      rule: one.dropped.length > 0 ? 'reliable' : 'unique',
      description: formatLoss(one),
      operations: [],
    }))
}
