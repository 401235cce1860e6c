import type { V1Pod } from '@kubernetes/client-node'

/** Describes the API's state of a pod: its phase, what its containers wait for, and its finalizers. */
export function formatPodState({ metadata, status }: V1Pod): string {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const waiting = containers.flatMap(({ name, state }) => {
    const { reason, message } = state?.waiting ?? {}
    // Every container has these reasons for a moment.
    return reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing'
      ? []
      : [`${name} waits: ${reason}${message ? ` (${message.slice(0, 200)})` : ''}`]
  })
  const { finalizers = [], deletionTimestamp } = metadata ?? {}
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
  return [
    `${metadata?.name} is ${status?.phase ?? 'Unknown'}`,
    ...(unscheduled ? [`the scheduler waits: ${unscheduled.message ?? unscheduled.reason}`] : []),
    ...waiting,
    ...(deletionTimestamp === undefined ? [] : ['it is being deleted']),
    ...(finalizers.length > 0 ? [`held by the finalizers ${finalizers.join(', ')}`] : []),
  ].join(', ')
}
