import { type FaultWindow, hitsComponent, type Interval, possibleFaults } from '../judge/faults/fault-windows.ts'
import type { Recording } from '../judge/recording/recording.ts'
import { named } from '../judge/recording/cluster-facts.ts'

/*
 * What a declared fault, proven or not, may take down: every component that it names, on every machine that it names, from its intent
 * until its end and a bounded recovery.
 */

export interface Place {
  readonly machine: string
  readonly component: string
}

/** They change objects of the API, pods, or packets to pods and names: no process of the cluster is disturbed. */
const harmless: readonly string[] = [
  'add-worker',
  'cordon',
  'delete-node',
  'delete-pods',
  'delete-routes',
  'dns-failure',
  'drain',
  'evict',
  'force-delete',
  'remove-cni',
  'stale-conntrack',
  'taint',
]

/** Whether a fault may keep a component on a machine from its work. One that names no machine may hit each. */
export function mayHit(window: FaultWindow, { machine, component }: Place): boolean {
  const { fault, target } = window
  if (harmless.includes(fault) || target.pod || target.pods || target.network === 'pods') return false
  if (!isOn(window, machine)) return false
  return target.component === undefined || hitsComponent(target, component)
}

/** Whether a fault names a machine, or no machine at all. */
export function isOn({ target }: FaultWindow, machine: string): boolean {
  const { machines, cut = [] } = target
  const places = [...machines, ...cut.flatMap(({ from, to }) => [from, to])]
  return places.length === 0 || places.includes(machine)
}

export function faultsOf(recording: Recording, places: readonly Place[]): FaultWindow[] {
  return faults(recording).filter((window) => places.some((place) => mayHit(window, place)))
}

/** When faults may keep places themselves from working, for good where a fault is never reverted. */
export function downTimes(recording: Recording, places: readonly Place[], recoveryMs: number): Interval[] {
  return extended(faultsOf(recording, places), recoveryMs)
}

/** When faults of what a place depends on may hinder it: a fault that is never reverted does so until the rest has recovered. */
export function hinderedTimes(recording: Recording, places: readonly Place[], recoveryMs: number): Interval[] {
  return faultsOf(recording, places).map(({ intentAt, from, until, permanent }) => ({
    from: intentAt,
    until: (permanent ? from : until) + recoveryMs,
  }))
}

export function extended(windows: readonly FaultWindow[], recoveryMs: number): Interval[] {
  return windows.map(({ intentAt, until }) => ({ from: intentAt, until: until + recoveryMs }))
}

export function membersOf(recording: Recording): Place[] {
  return named(recording, 'etcd').map((machine) => ({ machine, component: 'etcd' }))
}

export function apiServersOf(recording: Recording): Place[] {
  return named(recording, 'control-plane').map((machine) => ({ machine, component: 'kube-apiserver' }))
}

const known = new WeakMap<Recording, readonly FaultWindow[]>()

export function faults(recording: Recording): readonly FaultWindow[] {
  const found = known.get(recording) ?? possibleFaults(recording)
  known.set(recording, found)
  return found
}
