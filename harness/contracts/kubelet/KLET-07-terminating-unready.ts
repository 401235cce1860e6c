import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { observers } from '../../judge/coverage/probe-coverage.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { balancedAttempts, endpointsAt, readyPods } from '../../judge/cluster/service-endpoints.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { proxySync, reconcile } from '../bounds.ts'
import { type Ending, endings } from './pod-endings.ts'

interface Named {
  readonly pod: string
  readonly service: string
}
type Timed = Named & { readonly afterMs: number }

const found = findings({
  READY_WHILE_TERMINATING: ({ pod, service, afterMs }: Timed) =>
    `${pod} was still a ready endpoint of ${service} ${duration(afterMs)} after its deletion was requested.`,
  STALE_SLICES: ({ pod, service }: Named) =>
    `Two changes of the slices of ${service} after the request to delete ${pod} still listed it as ready.`,
  READY_AGAIN: ({ pod, service, afterMs }: Timed) =>
    `${pod} became a ready endpoint of ${service} again ${duration(afterMs)} after its deletion was requested.`,
  UNREADY_LATE: ({ pod, service, afterMs }: Timed) =>
    `${pod} stopped being a ready endpoint of ${service} ${duration(afterMs)} after its deletion was requested.`,
  CONNECTED_LATE: ({ pod, service, lagMs }: Named & { readonly lagMs: number }) =>
    `${pod} answered a new connection to ${service} ${duration(lagMs)} after the slices had listed it as not ready.`,
  TERMINATING_UNUSED: ({ pod, service, lagMs, pods }: Named & { readonly lagMs: number; readonly pods: number }) =>
    `${counted(pods, 'terminating pod')} stopped being ready at once; ${lagMs > 0 ? `${pod} of ${service} answered the last new connection ${duration(lagMs)} after that` : 'none of them answered a new connection after that'}.`,
  TERMINATING_UNREADY: ({ pod, service, afterMs, pods }: Timed & { readonly pods: number }) =>
    `${counted(pods, 'terminating pod')} stopped being ready; the slowest was ${pod} of ${service} after ${duration(afterMs)}, and no probe used the Service then.`,
})

export const terminatingUnready = defineContract<Ending>({
  id: 'KLET-07',
  area: 'kubelet',
  promise:
    'A terminating pod stops being a ready endpoint at once, and receives no new connection of its Service while other endpoints are ready.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
  stimulus: { needs: 'a ready endpoint of a Service whose pod is deleted', find: endings },
  judge: (recording, all) => gravest(all, (ending) => terminated(recording, ending, all.length)),
})

function terminated(recording: Recording, ending: Ending, pods: number): Finding {
  const { life, service, reported, states, seenMs } = ending
  const names = { pod: life.name, service }
  const evidence = [reported.record]
  const after = states.filter(({ resourceVersion }) => resourceVersion > reported.resourceVersion)
  const index = after.findIndex(({ endpoints }) => !endpoints.get(life.name)?.ready)
  const first = after[index]
  if (!first) {
    const values = { ...names, afterMs: seenMs }
    return found.fail('READY_WHILE_TERMINATING', values, {
      observed: 'a terminating pod is ready',
      bound: reconcile,
      evidence,
    })
  }
  // The change that was being written during the deletion request may not contain it yet.
  if (index > 1) {
    const seen = after.slice(0, 2).map(({ record }) => record)
    return found.fail('STALE_SLICES', names, {
      observed: 'a terminating pod is ready',
      evidence: [...evidence, ...seen],
    })
  }
  const again = after.slice(index).find(({ at, endpoints }) => at < life.deletedAt && endpoints.get(life.name)?.ready)
  if (again) {
    const values = { ...names, afterMs: again.at - reported.at }
    return found.fail('READY_AGAIN', values, { observed: 'ready again', evidence: [...evidence, again.record] })
  }
  const unreadyAt = Math.max(reported.at, first.at)
  const afterMs = longestMs(without({ from: reported.at, until: unreadyAt }, ending.unable))
  const details = { observed: `not ready after ${duration(afterMs)}`, evidence: [...evidence, first.record] }
  if (afterMs > reconcile.limit) {
    return found.late('UNREADY_LATE', { ...names, afterMs }, { ...details, measured: afterMs, bound: reconcile })
  }
  const traffic = trafficAfter(recording, ending, unreadyAt)
  if (!traffic.probed) return found.pass('TERMINATING_UNREADY', { ...names, afterMs, pods }, details)
  return unused(recording, traffic.answered, { ...names, pods, unreadyAt, evidence: details.evidence })
}

interface Unready extends Named {
  readonly pods: number
  readonly unreadyAt: number
  readonly evidence: readonly JournalRecord[]
}

/** The finding for the last new connection that the pod answered after its slices listed it as not ready. */
function unused(
  recording: Recording,
  answered: RecordOf<'attempt'> | undefined,
  { pod, service, pods, unreadyAt, evidence }: Unready,
): Finding {
  const lagMs = answered ? answered.at - unreadyAt : 0
  return found.timed(
    { pass: 'TERMINATING_UNUSED', late: 'CONNECTED_LATE' },
    { pod, service, lagMs, pods },
    lagMs,
    proxySync(recording),
    {
      observed: `last new connection ${duration(lagMs)} after the slices changed`,
      moments: answered ? [{ at: answered.at, label: `${pod} last answered` }] : [],
      evidence: [...evidence, ...(answered ? [answered] : [])],
    },
  )
}

interface Traffic {
  readonly probed: boolean
  /** The last new connection that the pod answered while kube-proxy had another endpoint to choose. */
  readonly answered?: RecordOf<'attempt'> | undefined
}

/** @throws InconclusiveError NOT_PROBED where no prober ran all the time */
function trafficAfter(recording: Recording, { life, service, states }: Ending, unreadyAt: number): Traffic {
  const sync = proxySync(recording).limit
  const time = { from: unreadyAt, until: Math.min(life.deletedAt, unreadyAt + 2 * sync) }
  const attempts = balancedAttempts(recording, service).filter(({ at }) => at >= unreadyAt && at < life.deletedAt)
  if (!attempts.some(({ at }) => at < time.until)) return { probed: false }
  observers(
    recording,
    time,
    attempts.map(({ from }) => from),
  )
  const hasOther = (at: number): boolean => readyPods(endpointsAt(states, at) ?? new Map()).length > 0
  const answered = attempts.findLast(
    ({ ok, backend, at }) => ok && backend === life.name && hasOther(at) && hasOther(at - sync),
  )
  return { probed: true, answered }
}
