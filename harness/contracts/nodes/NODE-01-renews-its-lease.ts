import { defineContract, type Finding } from '../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { JournalRecord } from '../../record/records.ts'
import { leaseRenewal } from './node-bounds.ts'
import { kubeletTimes } from './kubelet-times.ts'
import { renewals } from './heartbeats.ts'

/** The time between two renewals of a Node's Lease, or from the last one until the end of the recording. */
interface Pause extends Interval {
  readonly node: string
  readonly ended: boolean
  /** The longest part that no fault accounts for and in which a source watched. */
  readonly ms: number
  readonly records: readonly JournalRecord[]
}

interface Paused {
  readonly node: string
  readonly pauseMs: number
}

const found = findings({
  LEASE_NOT_RENEWED: ({ node, pauseMs }: Paused) =>
    `The kubelet of ${node} did not renew its Lease for ${duration(pauseMs)}.`,
  LEASE_RENEWED_LATE: ({ node, pauseMs }: Paused) =>
    `The kubelet of ${node} renewed its Lease after ${duration(pauseMs)}.`,
  LEASES_RENEWED: ({ node, pauseMs, renewals: count }: Paused & { readonly renewals: number }) =>
    `The kubelets renewed their Leases ${counted(count, 'time')}; the longest pause was that of ${node} with ${duration(pauseMs)}.`,
})

/** NODE-01. The time between two renewals is by the kubelet's clock. */
export const renewsItsLease = defineContract<Pause>({
  id: 'NODE-01',
  area: 'nodes',
  promise:
    "Each kubelet renews the Lease of its Node in a quarter of the Lease's duration, with retries of at most 7 s.",
  reference: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
  stimulus: { needs: "two renewals of a Node's Lease, or a time in which one was due", find: pauses },
  judge: (recording, all) =>
    gravest(all, (pause) => renewed(recording, pause, all.filter(({ ended }) => ended).length)),
})

function pauses(recording: Recording): Pause[] {
  const { from, until } = span(recording)
  const { limit } = leaseRenewal(recording)
  return objects(recording, 'nodes').lives.flatMap((life) => {
    const excused = [...kubeletTimes(recording, life.name), ...blindTimes(recording, 'leases')]
    const own = renewals(recording, life).filter(({ at }) => at < life.deletedAt)
    return own
      .map(({ sentAt, record }, n): Pause => {
        const next = own[n + 1]
        const time = { from: sentAt, until: next?.sentAt ?? Math.min(until, life.deletedAt) }
        const ms = longestMs(without(time, excused))
        const records = next ? [record, next.record] : [record]
        return { ...time, node: life.name, ended: next !== undefined, ms, records }
      })
      .filter((pause) => pause.until > from && (pause.ended || pause.ms > limit))
  })
}

/** @throws InconclusiveError HOST_NOISE */
function renewed(recording: Recording, { node, ended, ms, ...pause }: Pause, count: number): Finding {
  const bound = leaseRenewal(recording)
  const { records: evidence } = pause
  const values = { node, pauseMs: Math.round(ms) }
  const observed = `a pause of ${duration(ms)}`
  if (!ended && mayBeHost(recording, pause, ms - bound.limit)) {
    const figures = { ...values, ...hostFigures(recording, pause, ms - bound.limit) }
    throw new InconclusiveError(`The host was too slow to judge the Lease of ${node}.`, 'HOST_NOISE', figures)
  }
  if (!ended) return found.fail('LEASE_NOT_RENEWED', values, { observed, measured: ms, bound, evidence })
  return found.timed(
    { pass: 'LEASES_RENEWED', late: 'LEASE_RENEWED_LATE' },
    { ...values, renewals: count },
    ms,
    bound,
    { observed, evidence },
  )
}
