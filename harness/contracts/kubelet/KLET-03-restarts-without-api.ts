import { defineContract, type Finding } from '../../judge/contract.ts'
import { certain, during, faultWindows, type FaultWindow, overlaps } from '../../judge/faults/fault-windows.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Version } from '../../judge/recording/object-history.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError, requireEvidence } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { nodeReadyAgain } from '../bounds.ts'
import { apiOutages, type Outage } from '../etcd/outage.ts'
import { faultsOf } from '../fault-effects.ts'
import { backOff } from './restarts/back-off.ts'
import type { Listing } from './listings.ts'
import { statusOf } from './restarts/restarts.ts'

/** A container that a fault killed while no API server ran. */
interface Crash {
  readonly window: FaultWindow
  readonly outage: Outage
  readonly machine: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

interface Values {
  readonly pod: string
  readonly container: string
  readonly machine: string
  readonly afterMs: number
}

const found = findings({
  RUN_TWICE: ({ pod, container, machine }: Values) =>
    `After the crash, ${machine} ran the container ${container} of ${pod} twice at once.`,
  NOT_RESTARTED: ({ pod, container, machine, afterMs }: Values) =>
    `Without an API server, ${machine} had not restarted the container ${container} of ${pod} after ${duration(afterMs)}.`,
  STATUS_UNTRUE: ({ pod, container, afterMs }: Values) =>
    `For ${duration(afterMs)} after the return of the API, the status of ${pod} did not report the restarted container ${container}.`,
  STATUS_LATE: ({ pod, container, afterMs }: Values) =>
    `The status of ${pod} reported the restarted container ${container} ${duration(afterMs)} after the return of the API.`,
  RESTARTED_ALONE: ({ pod, container, machine, afterMs, crashes }: Values & { readonly crashes: number }) =>
    `Without an API server, ${counted(crashes, 'crashed container was', 'crashed containers were')} restarted; the status of ${pod} reported the restart of ${container} on ${machine} ${duration(afterMs)} after the API's return.`,
})

/** KLET-03 */
export const restartsWithoutApi = defineContract<Crash>({
  id: 'KLET-03',
  area: 'kubelet',
  promise:
    'Without an API server the kubelet restarts a crashed container once, and reports the restart when the API returns.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  stimulus: {
    needs: 'a container that crashes on an undisturbed Node while no API server runs',
    find: (recording) => apiOutages(recording).flatMap((outage) => crashesIn(recording, outage)),
  },
  judge: (recording, all) => gravest(all, (crash) => judged(recording, crash, all.length)),
})

function crashesIn(recording: Recording, outage: Outage): Crash[] {
  return faultWindows(recording).flatMap((window) => {
    const { pod, machines } = window.target
    const [machine = ''] = machines
    const isCrash = window.fault === 'kill-container' && pod !== undefined && pod.container !== 'pause'
    if (!isCrash || !during(certain(outage), window.from)) return []
    const places = ['kubelet', 'containerd'].map((component) => ({ machine, component }))
    if (faultsOf(recording, places).some((other) => overlaps(other, outage))) return []
    return [{ window, outage, machine, namespace: pod.namespace, pod: pod.name, container: pod.container }]
  })
}

function judged(recording: Recording, crash: Crash, crashes: number): Finding {
  const { window, outage, machine, pod, namespace, container } = crash
  const values = { pod: `${namespace}/${pod}`, container, machine, afterMs: 0 }
  const after = recording.of('containers').filter((one) => one.machine === machine && one.at > window.from)
  const twice = after.find((listing) => own(crash, listing).length > 1)
  if (twice) return found.fail('RUN_TWICE', values, { observed: 'two containers', evidence: [twice] })
  const before = stateBefore(recording, crash)
  const killed = idOf(statusOf(before, container)?.containerID ?? '')
  const inOutage = after.filter(({ at }) => during(certain(outage), at))
  const restarted = inOutage.flatMap((listing) => own(crash, listing)).find(({ id }) => id !== killed)
  if (!restarted) return notRestarted(recording, crash, before, inOutage)
  const { from, until } = outage
  const limit = nodeReadyAgain(recording)
  const reported = livesOf(recording, crash)
    .flatMap(({ versions }) => versions)
    .find((version) => version.at >= from && version.at > window.from && mentions(version, restarted.id))
  const afterMs = Math.round(Math.max(0, (reported?.at ?? span(recording).until) - until))
  const bounded = { ...values, afterMs }
  if (!reported && afterMs > limit.limit) {
    const details = { observed: 'not reported', measured: afterMs, bound: limit, evidence: inOutage }
    return found.fail('STATUS_UNTRUE', bounded, details)
  }
  const missing = `No status of ${pod} reports the restart, and the recording ends too early.`
  const version = requireEvidence(reported, missing, 'TOO_SHORT')
  const codes = { pass: 'RESTARTED_ALONE', late: 'STATUS_LATE' } as const
  const details = { observed: `restarted and reported`, fault: outage.fault, evidence: [...inOutage, version.record] }
  return found.timed(codes, { ...bounded, crashes }, afterMs, limit, details)
}

/** @throws InconclusiveError NOT_LOOKED_AT where no listing is due to have the new container */
function notRestarted(
  recording: Recording,
  { window, machine, namespace, pod, container }: Crash,
  before: Version<Pod>,
  inOutage: readonly Listing[],
): Finding {
  const { latest } = backOff(recording, machine, (statusOf(before, container)?.restartCount ?? 0) + 1)
  const afterMs = Math.round((inOutage.at(-1)?.at ?? window.from) - window.from)
  const values = { pod: `${namespace}/${pod}`, container, machine, afterMs }
  if (afterMs <= latest.limit) {
    const reason = `The containers of ${machine} were not listed long enough after the crash of ${container}.`
    throw new InconclusiveError(reason, 'NOT_LOOKED_AT', values)
  }
  return found.fail('NOT_RESTARTED', values, {
    observed: 'not restarted',
    measured: afterMs,
    bound: latest,
    evidence: inOutage,
  })
}

function stateBefore(recording: Recording, crash: Crash): Version<Pod> {
  const states = livesOf(recording, crash).flatMap(({ versions }) => versions)
  const missing = `No state of ${crash.pod} was reported before its container crashed.`
  return requireEvidence(
    states.findLast(({ at }) => at <= crash.outage.from),
    missing,
    'NOT_WATCHED',
  )
}

function livesOf(recording: Recording, { namespace, pod, window }: Crash) {
  return objects(recording, 'pods')
    .named(namespace, pod)
    .filter(({ bornAt, deletedAt }) => bornAt <= window.from && window.from < deletedAt)
}

function own({ namespace, pod, container }: Crash, { containers }: Listing): Listing['containers'] {
  return containers.filter((one) => one.namespace === namespace && one.pod === pod && one.name === container)
}

function mentions({ object }: Version<Pod>, id: string): boolean {
  return object.status.containerStatuses.some(
    ({ containerID, lastState, restartCount }) =>
      restartCount > 0 && [containerID, lastState.terminated.containerID].some((one) => idOf(one) === id),
  )
}

/** `containerd://0a1b` has the runtime's name before the id. */
function idOf(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1)
}
