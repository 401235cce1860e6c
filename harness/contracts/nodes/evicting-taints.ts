import { type Node, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'

/** The taint by which an administrator reports a Node as shut down. */
export const outOfService = 'node.kubernetes.io/out-of-service'

/** The node controller exchanges these for each other: pods that wait for their eviction do not wait anew. */
const health = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** A time in which a Node had a taint with the effect NoExecute. */
export interface EvictingTaint {
  readonly node: Life<Node>
  readonly key: string
  readonly value: string
  readonly added: Version<Node>
  /** From when on pods have to tolerate it: earlier than `added` where it replaced another taint of the node controller. */
  readonly from: number
  /** The state without it; undefined where it was never removed. */
  readonly removed: Version<Node> | undefined
  /** Its removal, the deletion of its Node, or the end of the recording. */
  readonly until: number
}

const known = new WeakMap<Recording, readonly EvictingTaint[]>()

/** Every such time that began in the recording. */
export function evictingTaints(recording: Recording): readonly EvictingTaint[] {
  const found = known.get(recording) ?? evictingTaintsOf(recording)
  known.set(recording, found)
  return found
}

function evictingTaintsOf(recording: Recording): EvictingTaint[] {
  const { from, until } = span(recording)
  return objects(recording, 'nodes').lives.flatMap((life) =>
    life.versions.flatMap((version, n): EvictingTaint[] => {
      const before = life.versions[n - 1]
      if (version.deleted || version.at < from || version.at > until || (!before && life.listed)) return []
      return evicting(version.object)
        .filter((one) => !has(before?.object, one))
        .map((one) => taintOf(recording, life, version, one))
    }),
  )
}

function taintOf(recording: Recording, life: Life<Node>, added: Version<Node>, taint: Taint): EvictingTaint {
  const { key, value } = taint
  const later = life.versions.slice(life.versions.indexOf(added) + 1)
  const removed = later.find(({ deleted, object }) => deleted || !has(object, taint))
  const until = removed?.at ?? span(recording).until
  return { node: life, key, value, added, from: healthSince(life, added, key), removed, until }
}

function healthSince(life: Life<Node>, added: Version<Node>, key: string): number {
  if (!health.includes(key)) return added.at
  const earlier = life.versions.slice(0, life.versions.indexOf(added)).reverse()
  const gap = earlier.findIndex(({ object }) => !evicting(object).some((one) => health.includes(one.key)))
  const first = earlier[(gap === -1 ? earlier.length : gap) - 1]
  return first?.at ?? added.at
}

type Taint = Node['spec']['taints'][number]

function evicting({ spec }: Node): Taint[] {
  return spec.taints.filter(({ effect }) => effect === 'NoExecute')
}

function has(node: Node | undefined, taint: Taint): boolean {
  return node !== undefined && evicting(node).some(({ key, value }) => key === taint.key && value === taint.value)
}
