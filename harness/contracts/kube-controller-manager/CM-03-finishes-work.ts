import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { tenures } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { reconcile, takeover } from '../bounds.ts'
import { type LeaderLoss, leaderLosses } from '../scheduler/leader-losses.ts'
import { leaderlessTimes } from './leaderless-times.ts'
import { workInHand } from './work-in-hand.ts'
import type { Work } from './work.ts'

const component = 'kube-controller-manager'

/** A controller manager that was lost while it led and had work in hand. */
interface Crash {
  readonly loss: LeaderLoss
  readonly works: readonly Work[]
  /** When another instance acquired the Lease, if it could for long enough. */
  readonly next: { readonly machine: string; readonly from: number } | undefined
}

interface Stalled {
  readonly what: string
  readonly machine: string
  readonly afterMs: number
}

const found = findings({
  NO_TAKEOVER: ({ machine, afterMs, standbys }: { machine: string; afterMs: number; standbys: readonly string[] }) =>
    `No instance acquired the Lease within ${duration(afterMs)} of the loss of ${machine}, although ${listed(standbys)} could.`,
  TAKEOVER_LATE: ({ machine, to, afterMs }: { machine: string; to: string; afterMs: number }) =>
    `${to} took over from ${machine} ${duration(afterMs)} after its loss.`,
  NOT_FINISHED: ({ what, machine, afterMs }: Stalled) =>
    `${what} was unfinished when ${machine} was lost, and no controller continued for ${duration(afterMs)} with a leader.`,
  FINISHED_LATE: ({ what, machine, afterMs }: Stalled) =>
    `${what} was unfinished when ${machine} was lost, and stood still for ${duration(afterMs)} with a leader.`,
  FINISHED: ({ machine, to, works, surplus, afterMs, crashes }: Finished) =>
    `After ${counted(crashes, 'loss', 'losses')} of the leader all work was finished with exact counts; ${to} took over from ${machine} after ${duration(afterMs)} with ${counted(works, 'piece')} of work in hand and ${counted(surplus, 'surplus pod')}.`,
})

interface Finished {
  readonly machine: string
  readonly to: string
  readonly afterMs: number
  readonly works: number
  /** Pods above the wanted number, which were removed again. */
  readonly surplus: number
  readonly crashes: number
}

/** CM-03 */
export const finishesWork = defineContract<Crash>({
  id: 'CM-03',
  area: 'kube-controller-manager',
  promise:
    'When the leading controller manager is lost in the middle of its work, another one takes over and finishes it with exact counts.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/controller/#direct-control',
  stimulus: {
    needs: 'a leading controller manager that is lost with work in hand while another could take over',
    find,
  },
  judge: (recording, all) => gravest(all, (crash) => finished(recording, crash, all.length)),
})

function find(recording: Recording): Crash[] {
  const terms = tenures(recording, component)
  const { limit } = takeover(recording, component)
  return leaderLosses(recording, component).flatMap((loss): Crash[] => {
    const later = terms.find((one) => one.from >= loss.from && one.holder !== loss.led.holder)
    const next = later && later.from <= loss.ableUntil ? later : undefined
    const works = workInHand(recording, loss.from)
    return works.length > 0 && (next || loss.ableUntil - loss.from > limit) ? [{ loss, works, next }] : []
  })
}

/** @throws InconclusiveError NOT_WATCHED, RECORDING_ENDS */
function finished(recording: Recording, { loss, works, next }: Crash, crashes: number): Finding {
  const bound = takeover(recording, component)
  const { machine, from, standbys, window } = loss
  const fault = window.description
  for (const resource of ['leases', 'pods', 'replicasets', 'deployments'] as const) {
    requireWatched(recording, resource, from, span(recording).until)
  }
  if (!next) {
    const afterMs = Math.round(loss.ableUntil - from)
    return found.fail('NO_TAKEOVER', { machine, afterMs, standbys }, { observed: 'no takeover', bound, fault })
  }
  const excused = leaderlessTimes(recording, component)
  const breach = firstBreach(...works.map((work) => () => stalled(work, loss, { excused, end: span(recording).until })))
  if (breach) return breach
  const afterMs = Math.round(next.from - from)
  const surplus = Math.max(0, ...works.map((work) => work.surplus))
  const values = { machine, to: next.machine, afterMs, works: works.length, surplus, crashes }
  return found.timed({ pass: 'FINISHED', late: 'TAKEOVER_LATE' }, values, afterMs, bound, {
    observed: `${counted(works.length, 'piece')} of work finished, takeover after ${duration(afterMs)}`,
    fault,
    moments: [{ at: next.from, label: `${next.machine} holds the Lease` }],
    evidence: works.flatMap(({ records }) => records),
  })
}

interface Judged {
  readonly excused: ReturnType<typeof leaderlessTimes>
  readonly end: number
}

/** @throws InconclusiveError RECORDING_ENDS */
function stalled(
  { what, due, done, records }: Work,
  { machine, from }: LeaderLoss,
  judged: Judged,
): Finding | undefined {
  const { excused, end } = judged
  const times = due.filter(({ until }) => until > from).map((one) => ({ ...one, from: Math.max(from, one.from) }))
  const afterMs = Math.round(Math.max(0, ...times.map((time) => longestMs(without(time, excused)))))
  const values = { what, machine, afterMs }
  const details = {
    observed: `a pause of ${duration(afterMs)}`,
    measured: afterMs,
    bound: reconcile,
    evidence: records,
  }
  if (afterMs > reconcile.limit) {
    return done ? found.late('FINISHED_LATE', values, details) : found.fail('NOT_FINISHED', values, details)
  }
  const isOpen = !done && times.some(({ until }) => until >= end)
  if (isOpen) throw new InconclusiveError(`${what} was not finished when the recording ended.`, 'RECORDING_ENDS')
  return undefined
}
