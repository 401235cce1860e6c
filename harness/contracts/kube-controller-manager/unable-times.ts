import {
  type FaultWindow,
  hitsComponent,
  type Interval,
  possibleFaults,
  timesWhen,
} from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named } from '../../judge/recording/cluster-facts.ts'
import { quorumRecovery, takeover } from '../bounds.ts'

/** A component that acts for the whole cluster through the API, with one active instance. */
export type Elected = 'kube-controller-manager' | 'kube-scheduler'

/** Faults that change API objects or hit single pods, and disturb no process of the control plane. */
const harmless = ['drain', 'cordon', 'taint', 'delete-pods', 'force-delete', 'evict', 'delete-node', 'add-worker']

/** Faults that stop only their machines' instances. Every other fault may slow down all instances. */
const takesInstance = [
  'kill',
  'stop',
  'pause',
  'crash-loop',
  'kill-machine',
  'power-off',
  'freeze-machine',
  'restart-machine',
  'unplug-machine',
  'lose-machine',
  'partition',
  'half-open',
  'wipe-member',
]

/**
 * When faults, proven or not, may have kept an elected component from acting: the component, the API servers or etcd's
 * majority were down, or had no time to recover since the last change.
 */
export function unableTimes(
  recording: Recording,
  component: Elected,
  counts: (window: FaultWindow) => boolean = () => true,
): Interval[] {
  const windows = possibleFaults(recording).filter((window) => concerns(recording, window, component) && counts(window))
  if (windows.length === 0) return []
  const recoveryMs = takeover(recording, component).limit + quorumRecovery(recording).limit
  const recovering = (at: number): Interval => ({ from: at, until: at + recoveryMs })
  const total = windows
    .filter(({ fault }) => !takesInstance.includes(fault))
    .map(({ intentAt, until }) => ({ from: intentAt, until }))
  const changes = windows.flatMap(({ intentAt, until }) => [intentAt, until]).filter((at) => at < Infinity)
  return [...total, ...withoutAny(recording, windows), ...changes.map(recovering)]
}

/** Whether a fault hits the component, or the API servers or etcd that it depends on. */
function concerns(recording: Recording, { fault, target }: FaultWindow, component: Elected): boolean {
  if (harmless.includes(fault) || target.pod || target.pods || target.network === 'pods') return false
  if (target.component !== undefined) {
    return [component, 'kube-apiserver', 'etcd'].some((one) => hitsComponent(target, one))
  }
  const own = [...named(recording, 'control-plane'), ...named(recording, 'etcd')]
  return target.machines.some((machine) => own.includes(machine))
}

/** When every control-plane machine, or a majority of etcd, was hit. */
function withoutAny(recording: Recording, windows: readonly FaultWindow[]): Interval[] {
  const downs = windows.flatMap((window) =>
    window.target.machines.map((machine) => ({ machine, window, from: window.intentAt, until: window.until })),
  )
  const controlPlane = named(recording, 'control-plane')
  const members = named(recording, 'etcd')
  const untouched = (all: readonly string[], hit: ReadonlySet<string>): number =>
    all.filter((machine) => !hit.has(machine)).length
  return timesWhen(
    downs,
    (hit) =>
      untouched(controlPlane, hit) === 0 || (members.length > 0 && untouched(members, hit) <= members.length / 2),
  )
}
