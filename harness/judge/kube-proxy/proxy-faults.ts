import { type FaultWindow, hitsComponent } from '../faults/fault-windows.ts'
import type { Machine } from '../recording/cluster-facts.ts'

/**
 * These change API objects, or parts that no kube-proxy and no packet to a Service depends on. Any other kind may
 * disturb.
 */
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

const store = ['etcd', 'kube-apiserver'] as const
/** Rules and packets do not depend on these; kube-proxy keeps its Services in `store`. */
const controlPlane: readonly string[] = [...store, 'kube-scheduler', 'kube-controller-manager']
/** The pods of the cluster itself: kube-proxy and the pod network may be among them. */
const systemNamespace = 'kube-system'

/** Whether a fault hits a machine as a whole: its power, network, time or memory. */
function hitsMachine({ fault, target }: FaultWindow): boolean {
  const { component, pod, pods } = target
  if (component !== undefined || pods || harmless.includes(fault)) return false
  return pod === undefined || pod.namespace === systemNamespace
}

/** Whether a fault leaves a machine's rules unchanged, so that they are at most behind. */
export function keepsRules(window: FaultWindow, machine: string): boolean {
  const isElsewhere = !window.target.machines.includes(machine)
  return window.fault !== 'flush-proxy' && window.fault !== 'delete-rule' && (isElsewhere || !hitsMachine(window))
}

/** Whether a fault may stop the kube-proxy of one of its machines, or change its rules directly. */
export function mayStopProxy(window: FaultWindow, machine: string): boolean {
  const { target } = window
  const on =
    target.machines.includes(machine) || (target.cut ?? []).some(({ from, to }) => machine === from || machine === to)
  return on && (hitsMachine(window) || hitsComponent(target, 'kube-proxy') || hitsComponent(target, 'apiserver-lb'))
}

/** Whether a fault may keep API servers or etcd from reporting changes: then every kube-proxy may be behind. */
export function mayBlindAll(window: FaultWindow, machines: readonly Machine[]): boolean {
  if (store.some((component) => hitsComponent(window.target, component))) return true
  const hit = machines.filter(({ name }) => window.target.machines.includes(name))
  return hitsMachine(window) && hit.some(({ roles }) => roles.some((role) => role !== 'worker'))
}

/** Whether a fault may lose packets between some machines, or their answers. */
export function mayLosePackets({ fault, target }: FaultWindow, places: readonly string[]): boolean {
  const { component, along = [], machines, cut = [], pods } = target
  if (harmless.includes(fault)) return false
  if (component !== undefined && [component, ...along].every((one) => controlPlane.includes(one))) return false
  if (pods) return true
  return [...machines, ...cut.flatMap(({ from, to }) => [from, to])].some((name) => places.includes(name))
}
