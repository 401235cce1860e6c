import { type FaultWindow, type Interval, possibleFaults } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { linkRestored, machineNetworkRestored } from './network-bounds.ts'

/** They change objects of the API, names, flows of Services or configuration, and no packet between pods. */
const harmless: readonly string[] = [
  'add-worker',
  'cordon',
  'delete-pods',
  'dns-failure',
  'drain',
  'evict',
  'force-delete',
  'remove-cni',
  'stale-conntrack',
  'taint',
]

/**
 * Whether a fault may lose packets between the pods of two Nodes. A component that ends does not: the kernel forwards packets without
 * it, those of flannel too.
 */
export function mayLosePackets({ fault, target }: FaultWindow, one: string, other: string): boolean {
  const { component, cut, machines, pods } = target
  if (component !== undefined || harmless.includes(fault)) return false
  if (pods) return true
  if (!cut) return machines.includes(one) || machines.includes(other)
  return cut.some(({ from, to }) => (from === one && to === other) || (from === other && to === one))
}

/** Until pods reach each other again after a fault. */
export function networkRestored({ fault, target }: FaultWindow): Bound {
  return target.cut || fault === 'delete-routes' ? linkRestored : machineNetworkRestored()
}

/** When packets between the pods of two Nodes may be lost because of faults, with the time to recover. */
export function lossyTimes(recording: Recording, one: string, other: string): Interval[] {
  return possibleFaults(recording)
    .filter((window) => mayLosePackets(window, one, other))
    .map((window) => ({ from: window.intentAt, until: window.until + networkRestored(window).limit }))
}
