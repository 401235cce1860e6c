import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { duration } from '../../judge/verdict/format.ts'
import { nodeUnknown } from '../bounds.ts'
import { type Silence, silences } from './silences.ts'

interface Marked {
  readonly node: string
  /** From the Node's last heartbeat, or from when the controller manager could detect the silence. */
  readonly afterMs: number
}

const found = findings({
  NEVER_UNKNOWN: ({ node, afterMs }: Marked) =>
    `${node} sent no heartbeat for ${duration(afterMs)} and was not marked Unknown.`,
  UNKNOWN_TOO_EARLY: ({ node, afterMs }: Marked) =>
    `${node} was marked Unknown ${duration(afterMs)} after its last heartbeat, before its grace period ended.`,
  UNKNOWN_IN_TIME: ({ node, afterMs }: Marked) =>
    `${node} was marked Unknown ${duration(afterMs)} after its last heartbeat.`,
  UNKNOWN_LATE: ({ node, afterMs }: Marked) =>
    `${node} was marked Unknown ${duration(afterMs)} after its last heartbeat, later than its bound.`,
})

/** An early mark is a failure: it costs users the Node's pods. */
export const becomesUnknown = defineContract<Silence>({
  id: 'NODE-02',
  area: 'nodes',
  promise: 'The node controller marks a Node Ready=Unknown after a grace period without heartbeats, and not earlier.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
  stimulus: {
    needs: 'a Node that sends no heartbeat until it has to be marked Unknown',
    // A heartbeat during a disturbance of the control plane has no reliable time.
    find: (recording) =>
      silences(recording).filter(({ exact, unknown, since }) => exact || !unknown || unknown.at > since),
  },
  judge: (recording, lost) => gravest(lost, (silence) => marked(recording, silence)),
})

function marked(recording: Recording, { node, heartbeat, since, until, exact, unknown, ...silence }: Silence): Finding {
  const { earliest, latest } = nodeUnknown(recording)
  const fault = silence.fault === undefined ? {} : { fault: silence.fault }
  requireWatched(recording, 'nodes', since, unknown?.at ?? until)
  if (!unknown) {
    return found.fail(
      'NEVER_UNKNOWN',
      { node, afterMs: until - since },
      { observed: 'never marked Unknown', bound: latest, ...fault, evidence: [heartbeat.record] },
    )
  }
  const moments = [{ at: unknown.at, label: `${node} Ready=Unknown` }]
  const evidence = [heartbeat.record, unknown.record]
  const afterMs = unknown.at - since
  const atMostMs = unknown.at - heartbeat.sentAt
  if (exact && atMostMs < earliest.limit) {
    return found.fail(
      'UNKNOWN_TOO_EARLY',
      { node, afterMs: atMostMs },
      {
        observed: `Unknown after ${duration(atMostMs)}, too early`,
        measured: atMostMs,
        bound: earliest,
        ...fault,
        moments,
        evidence,
      },
    )
  }
  return found.timed({ pass: 'UNKNOWN_IN_TIME', late: 'UNKNOWN_LATE' }, { node, afterMs }, afterMs, latest, {
    observed: `Unknown after ${duration(afterMs)}`,
    ...fault,
    moments,
    evidence,
  })
}
