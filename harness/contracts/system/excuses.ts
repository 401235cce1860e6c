import { type FaultWindow, type Interval, timesWhen } from '../../judge/faults/fault-windows.ts'
import { quorum } from '../../judge/cluster/etcd-members.ts'
import { merged } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { memberRejoin, nodeReadyAgain, nodeUnknown, processRestart, quorumRecovery, takeover } from '../bounds.ts'
import {
  apiServersOf,
  downTimes,
  extended,
  faults,
  faultsOf,
  hinderedTimes,
  isOn,
  mayHit,
  membersOf,
  type Place,
} from '../fault-effects.ts'

/* What the effects of declared faults account for: of a place itself, and of what it depends on. */

export const elected: readonly string[] = ['kube-scheduler', 'kube-controller-manager']
/** What these need to work on their machine: a k3s process ends when it can't reach etcd or the API. */
const dependsOnStore = [...elected, 'k3s-server', 'k3s-agent']
const startsAfter: Readonly<Record<string, readonly string[]>> = {
  kubelet: ['containerd', 'apiserver-lb'],
  'kube-proxy': ['apiserver-lb'],
  flanneld: ['apiserver-lb'],
  'kube-scheduler': ['apiserver-lb'],
  'kube-controller-manager': ['apiserver-lb'],
}

/** They take a Node's object or its network away, and no process. */
const hitNodes: readonly string[] = ['remove-cni', 'delete-node', 'add-worker']

/** Times in which a component's process may have ended, and was started again. */
export function restartExcuses(recording: Recording, place: Place): Interval[] {
  const own = [...direct(recording, place), ...deletionsOfNode(recording, place)]
  const { limit } = place.component === 'etcd' ? memberRejoin(recording) : processRestart()
  const stores = storeTimes(recording, restartMs(recording, place.component))
  // A process that starts while what it needs is out ends and starts again until that is back.
  return dependsOnStore.includes(place.component)
    ? [...extended(own, limit), ...stores]
    : chained(extended(own, limit), stores)
}

/** Times in which a Node may not be Ready; `unknown` where its kubelet did not report. */
export function nodeExcuses(recording: Recording, machine: string, unknown: boolean): Interval[] {
  const { limit } = nodeReadyAgain(recording)
  const own = faults(recording).filter(
    (window) =>
      (hitNodes.includes(window.fault) && isOn(window, machine)) ||
      ['kubelet', 'containerd', 'apiserver-lb', 'flanneld'].some((component) => mayHit(window, { machine, component })),
  )
  if (!unknown) return extended(own, limit)
  // Only an outage as long as the grace period prevents every kubelet from reporting.
  const leastMs = nodeUnknown(recording).earliest.limit - quorumRecovery(recording).limit
  const outages = merged(storeTimes(recording, quorumRecovery(recording).limit))
  const long = outages.filter(({ from, until }) => until - from >= leastMs)
  return [...extended(own, limit), ...long.map(({ from, until }) => ({ from, until: until + limit }))]
}

/** Times in which an etcd member may not answer: faults of its own, and of so many that no majority is left. */
export function silenceExcuses(recording: Recording, machine: string): Interval[] {
  const { limit } = memberRejoin(recording)
  const members = membersOf(recording)
  const downs = members.flatMap((member) =>
    faultsOf(recording, [member]).map((window) => ({
      machine: member.machine,
      window,
      from: window.intentAt,
      until: window.until,
    })),
  )
  const lost = timesWhen(downs, (down) => members.length - down.size < quorum(members.length))
  const own = downs.filter((one) => one.machine === machine)
  return [...own, ...lost].map(({ from, until }) => ({ from, until: until + limit }))
}

/** Times in which etcd may be without a leader, and elect another one: faults of any member. */
export function electionExcuses(recording: Recording): Interval[] {
  return downTimes(recording, membersOf(recording), memberRejoin(recording).limit)
}

/** Times in which an API server may not answer: faults of its own, and of the etcd that it needs. */
export function serverExcuses(recording: Recording, machine: string): Interval[] {
  const own = downTimes(recording, [{ machine, component: 'kube-apiserver' }], processRestart().limit)
  return [...own, ...electionExcuses(recording)]
}

/** Times in which a component's Lease may pass on from its holder's machine. */
export function leaderExcuses(recording: Recording, { machine, component }: Place): Interval[] {
  const recoveryMs = restartMs(recording, component)
  return [...extended(direct(recording, { machine, component }), recoveryMs), ...storeTimes(recording, recoveryMs)]
}

function restartMs(recording: Recording, component: string): number {
  const lease = elected.includes(component) ? component : 'kube-controller-manager'
  return takeover(recording, lease).limit + quorumRecovery(recording).limit
}

/** Faults of etcd, the API servers, their machines and their networks: what everything else depends on. */
function storeTimes(recording: Recording, recoveryMs: number): Interval[] {
  return hinderedTimes(recording, [...membersOf(recording), ...apiServersOf(recording)], recoveryMs)
}

/** The faults of a place and of what it starts after. */
function direct(recording: Recording, { machine, component }: Place): FaultWindow[] {
  const components = [component, ...(startsAfter[component] ?? [])]
  return faultsOf(
    recording,
    components.map((one) => ({ machine, component: one })),
  )
}

/** kube-proxy ends when its Node is deleted; the others register only at their start, and are restarted with the Node's return. */
const boundToNode: readonly string[] = ['kube-proxy', 'kubelet', 'flanneld', 'k3s-agent']

function deletionsOfNode(recording: Recording, { machine, component }: Place): FaultWindow[] {
  if (!boundToNode.includes(component)) return []
  return faults(recording).filter((window) => window.fault === 'delete-node' && isOn(window, machine))
}

/** Each time, lengthened by every one of `others` that it runs into. */
function chained(times: readonly Interval[], others: readonly Interval[]): Interval[] {
  const ordered = others.toSorted((a, b) => a.from - b.from)
  return times.map((time) =>
    ordered.reduce(
      ({ from, until }, other) => ({
        from,
        until: other.from <= until && from <= other.until ? Math.max(until, other.until) : until,
      }),
      time,
    ),
  )
}
