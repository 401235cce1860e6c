import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'

/*
 * Running containers, as the kubelet last reported them. A completed or failed pod has none left, a pending pod has none yet:
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */

/** Returns the running containers, sidecars included. */
export function runningContainers({ status }: V1Pod): V1ContainerStatus[] {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  return all.filter(({ state }) => state?.running !== undefined)
}

/** Whether a pod has a running container of that name; `pause` is its sandbox, which runs while any container runs. */
export function runs(pod: V1Pod, container: string): boolean {
  const running = runningContainers(pod)
  return container === 'pause' ? running.length > 0 : running.some(({ name }) => name === container)
}

/** Returns pods with a running container and without a deletion time, by name. */
export function runningPods(pods: readonly V1Pod[]): V1Pod[] {
  return pods
    .filter((pod) => pod.metadata?.deletionTimestamp === undefined && runningContainers(pod).length > 0)
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)))
}

export function nameOf({ metadata }: V1Pod): string {
  return metadata?.name ?? ''
}

/** Formats pods with their phases, for errors: `cart-0-done Succeeded`. */
export function withPhases(pods: readonly V1Pod[]): string {
  return pods.map((pod) => `${nameOf(pod)} ${pod.status?.phase ?? 'Unknown'}`).join(', ')
}
