import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'

/*
 * What runs of a pod, as its kubelet last told the API. A pod that is Completed or Failed has nothing left that a fault could
 * hit, and one that is Pending has nothing yet; https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */

/** Containers that run now, sidecars among them. */
export function runningContainers({ status }: V1Pod): V1ContainerStatus[] {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  return all.filter(({ state }) => state?.running !== undefined)
}

/** Whether a pod has a running container of that name; `pause` is its sandbox, which runs as long as any other does. */
export function runs(pod: V1Pod, container: string): boolean {
  const running = runningContainers(pod)
  return container === 'pause' ? running.length > 0 : running.some(({ name }) => name === container)
}

/** Pods that run something and are not being deleted already, by name. */
export function runningPods(pods: readonly V1Pod[]): V1Pod[] {
  return pods
    .filter((pod) => pod.metadata?.deletionTimestamp === undefined && runningContainers(pod).length > 0)
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)))
}

export function nameOf({ metadata }: V1Pod): string {
  return metadata?.name ?? ''
}

/** Each with its phase, for errors: `cart-0-done Succeeded`. */
export function withPhases(pods: readonly V1Pod[]): string {
  return pods.map((pod) => `${nameOf(pod)} ${pod.status?.phase ?? 'Unknown'}`).join(', ')
}
