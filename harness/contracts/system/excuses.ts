import { type FaultWindow, hitsComponent, type Interval, possibleFaults, timesWhen } from '../../judge/fault-windows.ts'
import { quorum } from '../../judge/etcd-members.ts'
import { merged } from '../../judge/intervals.ts'
import type { Recording } from '../../judge/recording.ts'
import { named } from '../../judge/scene.ts'
import { memberRejoin, nodeReadyAgain, nodeUnknown, processRestart, quorumRecovery, takeover } from '../bounds.ts'

/*
 * What a declared fault, proven or not, accounts for: its own target while it lasts and until a bounded recovery is over, and
 * what depends on that target. A fault that is never healed accounts for other targets only once.
 */

export type Place = { readonly machine: string; readonly component: string }

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

/** They change objects of the API, pods, or packets to pods and names: no process of the cluster is disturbed. */
const harmless = [
  'drain',
  'cordon',
  'taint',
  'delete-pods',
  'force-delete',
  'evict',
  'dns-failure',
  'remove-cni',
  'delete-routes',
  'stale-conntrack',
]

/** Times in which a component's process may have ended, and was started again. */
export function restartExcuses(recording: Recording, place: Place): Interval[] {
  const own = direct(recording, place)
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
      (window.fault === 'remove-cni' && onMachine(window, machine)) ||
      ['kubelet', 'containerd', 'apiserver-lb', 'flanneld'].some((component) => hits(window, { machine, component })),
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
  const members = named(recording, 'etcd')
  const downs = members.flatMap((member) =>
    direct(recording, { machine: member, component: 'etcd' }).map((window) => ({
      machine: member,
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
  const { limit } = memberRejoin(recording)
  return named(recording, 'etcd').flatMap((machine) =>
    extended(direct(recording, { machine, component: 'etcd' }), limit),
  )
}

/** Times in which an API server may not answer: faults of its own, and of the etcd that it needs. */
export function serverExcuses(recording: Recording, machine: string): Interval[] {
  const own = direct(recording, { machine, component: 'kube-apiserver' })
  return [...extended(own, processRestart().limit), ...electionExcuses(recording)]
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
  const places = [
    ...named(recording, 'etcd').map((machine) => ({ machine, component: 'etcd' })),
    ...named(recording, 'control-plane').map((machine) => ({ machine, component: 'kube-apiserver' })),
  ]
  return faults(recording)
    .filter((window) => places.some((place) => hits(window, place)))
    .map(({ intentAt, until, permanent }) => ({ from: intentAt, until: (permanent ? intentAt : until) + recoveryMs }))
}

const known = new WeakMap<Recording, readonly FaultWindow[]>()

function faults(recording: Recording): readonly FaultWindow[] {
  const found = known.get(recording) ?? possibleFaults(recording)
  known.set(recording, found)
  return found
}

function direct(recording: Recording, { machine, component }: Place): FaultWindow[] {
  const components = [component, ...(startsAfter[component] ?? [])]
  return faults(recording).filter((window) => components.some((one) => hits(window, { machine, component: one })))
}

function hits(window: FaultWindow, { machine, component }: Place): boolean {
  const { fault, target } = window
  if (harmless.includes(fault) || target.pod || target.pods || target.network === 'pods') return false
  if (!onMachine(window, machine)) return false
  return target.component === undefined || hitsComponent(target, component)
}

function onMachine({ target }: FaultWindow, machine: string): boolean {
  const { machines, cut = [] } = target
  return machines.includes(machine) || cut.some(({ from, to }) => from === machine || to === machine)
}

function extended(windows: readonly FaultWindow[], recoveryMs: number): Interval[] {
  return windows.map(({ intentAt, until }) => ({ from: intentAt, until: until + recoveryMs }))
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
