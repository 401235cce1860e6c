import { isMirror, type Node, objects, type Pod } from '../recording/kubernetes-objects.ts'
import type { Life, Version } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'
import { span } from '../recording/cluster-facts.ts'

/** A pod that was created without a Node and got one. */
export interface PlacedPod {
  readonly life: Life<Pod>
  readonly node: string
  /** The first state with the Node. */
  readonly placed: Version<Pod>
}

/** Every pod that the scheduler placed in the recording, in the order of etcd's revisions. */
export function placedPods(recording: Recording): PlacedPod[] {
  const { from } = span(recording)
  return objects(recording, 'pods')
    .lives.flatMap((life): PlacedPod[] => {
      const first = life.versions[0]?.object
      const placed = life.first(({ spec }) => spec.nodeName !== undefined, from)
      if (!first || !placed || first.spec.nodeName !== undefined || isMirror(first)) return []
      return [{ life, node: placed.object.spec.nodeName ?? '', placed }]
    })
    .toSorted((a, b) => a.placed.resourceVersion - b.placed.resourceVersion)
}

/**
 * The states of a Node that the scheduler may have known when it placed a pod: the one at that revision, and those that were
 * replaced no earlier than `since`. Newest first. Revisions decide, because a watch may report a change late.
 */
export function statesWhenPlaced(recording: Recording, { node, placed }: PlacedPod, since: number): Version<Node>[] {
  const versions = objects(recording, 'nodes')
    .named('', node)
    .flatMap((life) => life.versions)
    .filter(({ resourceVersion }) => resourceVersion < placed.resourceVersion)
  return versions.filter(({ deleted }, n) => !deleted && (versions[n + 1]?.at ?? Infinity) > since).toReversed()
}
