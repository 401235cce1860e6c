import { type PlacedPod, placedPods } from '../../../judge/cluster/placed-pods.ts'
import { objects, type Node, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { watchDelayMs } from '../../bounds.ts'
import { decisionOn, knownSince } from '../decisions.ts'

/** A pod that had a Node when another one was placed. */
export interface Neighbour {
  readonly life: Life<Pod>
  readonly version: Version<Pod>
  readonly node: string
}

/**
 * The pods with a Node, neither finished nor deleted, that this pod's scheduler had in its cache when it placed the pod. The cache has
 * its own decisions at once, and other changes by a watch.
 */
export function neighbours(recording: Recording, pod: PlacedPod): Neighbour[] {
  const decision = decisionOn(recording, pod)
  const since = knownSince(recording, decision.at) - watchDelayMs
  const placements = new Map(placedPods(recording).map((one) => [one.life, one]))
  return objects(recording, 'pods').lives.flatMap((life): Neighbour[] => {
    if (life === pod.life) return []
    const version = life.versions.findLast(({ resourceVersion }) => resourceVersion < pod.placed.resourceVersion)
    const node = version?.object.spec.nodeName
    if (!version || version.deleted || node === undefined || isFinished(version.object)) return []
    const placement = placements.get(life)
    const own = placement && decisionOn(recording, placement).issuer
    const isOwn = own !== undefined && own === decision.issuer
    const placedAt = placement?.placed.at ?? life.bornAt
    return isOwn || placedAt <= since ? [{ life, version, node }] : []
  })
}

function isFinished({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

/** The states that a Node had between a time and the placement of a pod; newest first. */
export function nodeStates(recording: Recording, name: string, { placed }: PlacedPod, since: number): Node[] {
  const versions = objects(recording, 'nodes')
    .named('', name)
    .flatMap((life) => life.versions)
    .filter(({ resourceVersion }) => resourceVersion < placed.resourceVersion)
  return versions
    .filter(({ deleted }, n) => !deleted && (versions[n + 1]?.at ?? Infinity) > since)
    .map(({ object }) => object)
    .toReversed()
}
