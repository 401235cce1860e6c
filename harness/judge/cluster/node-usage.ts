import { type Node, objects, type Pod } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'
import { quantity } from '../statistics/quantity.ts'
import type { PlacedPod } from './placed-pods.ts'

/** How much of one resource the pods of a Node request, and how much the Node has for pods. */
export interface Usage {
  readonly resource: string
  readonly requested: number
  readonly allocatable: number
}

/**
 * The pods that a Node had when a pod was placed on it: not finished and not deleted. Left out: pods that were created with the
 * Node later than `since`, which the scheduler may not have known.
 */
export function podsOn(recording: Recording, { node, placed }: PlacedPod, since: number): Pod[] {
  return objects(recording, 'pods').lives.flatMap(({ versions, bornAt }) => {
    const version = versions.findLast(({ resourceVersion }) => resourceVersion <= placed.resourceVersion)
    if (!version || version.deleted || version.object.spec.nodeName !== node) return []
    const isNew = versions[0]?.object.spec.nodeName !== undefined && bornAt > since
    return isNew || ['Succeeded', 'Failed'].includes(version.object.status.phase ?? '') ? [] : [version.object]
  })
}

/**
 * The usage of each resource that some pod requests, and of the number of pods; fullest first. Requests of init containers, which
 * do not add to those of the others, are left out.
 */
export function usagesOf(pods: readonly Pod[], { status }: Node): Usage[] {
  const requested = new Map([['pods', pods.length]])
  for (const { spec } of pods) {
    for (const requests of [spec.overhead, ...spec.containers.map(({ resources }) => resources.requests)]) {
      for (const [resource, amount] of Object.entries(requests)) {
        requested.set(resource, (requested.get(resource) ?? 0) + quantity(amount))
      }
    }
  }
  return [...requested]
    .filter(([, sum]) => sum !== 0)
    .map(([resource, sum]) => ({
      resource,
      requested: sum,
      allocatable: quantity(status.allocatable[resource] ?? '0'),
    }))
    .toSorted((a, b) => shareOf(b) - shareOf(a))
}

export const shareOf = ({ requested, allocatable }: Usage): number => requested / allocatable
