import { type FaultWindow, hitsComponent, type Interval, possibleFaults } from '../../judge/fault-windows.ts'
import type { Recording } from '../../judge/recording.ts'
import { named } from '../../judge/scene.ts'
import { memberRejoin, quorumRecovery } from '../bounds.ts'

/** Faults that change API objects, pods or names and disturb no API server. */
const harmless = ['drain', 'cordon', 'taint', 'delete-pods', 'force-delete', 'evict', 'delete-node', 'dns-failure']

/**
 * When declared faults, proven or not, may have disturbed an API server: its own faults and etcd's, each with a bounded
 * recovery. An outage beyond that bound is not excused.
 */
export function excusedTimes(recording: Recording, machine: string): Interval[] {
  const windows = possibleFaults(recording).filter(({ fault, target }) => {
    return !harmless.includes(fault) && !target.pod && !target.pods && target.network !== 'pods'
  })
  const members = named(recording, 'etcd')
  const own = windows.filter((window) => hits(window, machine, 'kube-apiserver'))
  const ofStore = windows.filter((window) => members.some((member) => hits(window, member, 'etcd')))
  return [...extended(own, memberRejoin(recording).limit), ...extended(ofStore, quorumRecovery(recording).limit)]
}

function hits({ target }: FaultWindow, machine: string, component: string): boolean {
  const { machines, cut = [] } = target
  const isOn = machines.includes(machine) || cut.some(({ from, to }) => from === machine || to === machine)
  return isOn && (target.component === undefined || hitsComponent(target, component))
}

function extended(windows: readonly FaultWindow[], recoveryMs: number): Interval[] {
  return windows.map(({ intentAt, until }) => ({ from: intentAt, until: until + recoveryMs }))
}
