import type { Interval } from '../faults/fault-windows.ts'
import { type ObjectOf, objects } from '../recording/kubernetes-objects.ts'
import type { Life, Version } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'
import { span } from '../recording/cluster-facts.ts'
import { resolveShare } from '../statistics/share.ts'

export type Deployment = ObjectOf<'deployments'>

/** A Deployment with a new pod template, from the change until the rollout is complete or its specification changes again. */
export interface Rollout extends Interval {
  readonly life: Life<Deployment>
  /** The state with the new template. */
  readonly begun: Version<Deployment>
  /** The last state with the old template. */
  readonly before: Version<Deployment>
  /** The first state that the controller reports as complete. */
  readonly completed: Version<Deployment> | undefined
  /** The state with which another change ended the rollout. */
  readonly superseded: Version<Deployment> | undefined
}

/** Every rollout that began with all pods of the old template available, and nothing else to do. */
export function rollouts(recording: Recording): Rollout[] {
  const { from, until } = span(recording)
  return objects(recording, 'deployments').lives.flatMap((life) =>
    life.versions.flatMap((begun, n): Rollout[] => {
      const before = life.versions[n - 1]
      const isBegin = before && begun.at >= from && isNewTemplate(before, begun) && isComplete(before.object)
      if (!isBegin || begun.object.spec.strategy.type !== 'RollingUpdate') return []
      const later = life.versions.slice(n + 1)
      const superseded = later.find((one) => isSuperseded(begun, one))
      const completed = later.find((one) => isComplete(one.object) && !isSuperseded(begun, one))
      const isDone = completed && !(superseded && superseded.at < completed.at)
      const end = isDone ? completed.at : (superseded?.at ?? until)
      return [
        { life, begun, before, completed: isDone ? completed : undefined, superseded, from: begun.at, until: end },
      ]
    }),
  )
}

/** Whether the controller has observed the specification, and exactly the wanted pods are up to date and available. */
function isComplete({ metadata, spec, status }: Deployment): boolean {
  const counts = [status.replicas, status.updatedReplicas, status.availableReplicas]
  return status.observedGeneration >= metadata.generation && counts.every((count) => count === spec.replicas)
}

/** How many pods more than wanted, and how many available pods fewer, a rollout may have. */
export function rolloutLimits({ replicas, strategy }: Deployment['spec']): {
  readonly more: number
  readonly fewer: number
} {
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate
  const more = resolveShare(maxSurge, replicas, Math.ceil)
  const fewer = Math.min(replicas, resolveShare(maxUnavailable, replicas, Math.floor))
  return { more, fewer: more + fewer === 0 ? 1 : fewer }
}

function isNewTemplate(one: Version<Deployment>, other: Version<Deployment>): boolean {
  return JSON.stringify(one.object.spec.template) !== JSON.stringify(other.object.spec.template)
}

function isSuperseded(begun: Version<Deployment>, later: Version<Deployment>): boolean {
  const { replicas, strategy } = begun.object.spec
  const other = later.object
  return (
    later.deleted ||
    other.metadata.deletionTimestamp !== undefined ||
    other.spec.replicas !== replicas ||
    JSON.stringify(other.spec.strategy) !== JSON.stringify(strategy) ||
    isNewTemplate(begun, later)
  )
}
