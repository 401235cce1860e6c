import type { Interval } from '../../judge/faults/fault-windows.ts'
import { hasCondition, type Node, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'

/**
 * Documented defaults: a zone is disrupted when at least 3 of its Nodes and more than this share of them are not ready.
 */
const unhealthyShare = 0.55
const fewestUnhealthy = 3

/**
 * Whether the node controller evicts nothing from a Node's zone at a time, as documented: no Node of the cluster is
 * ready, or the zone is disrupted. A disrupted zone of more than 50 Nodes, of which it evicts slowly, counts as well.
 */
export function evictionsStopped(recording: Recording, node: string, time: Interval): boolean {
  const { lives } = objects(recording, 'nodes')
  const changes = lives.flatMap(({ versions }) => versions.map(({ at }) => at))
  return [time.from, ...changes.filter((at) => time.from < at && at <= time.until)].some((at) => {
    const zone = inZone(lives, node, at)
    const unready = zone.filter((one) => !isReady(one, at)).length
    const disrupted = unready >= fewestUnhealthy && unready / zone.length >= unhealthyShare
    return disrupted || lives.every((one) => !isReady(one, at))
  })
}

/** How many other Nodes of a Node's zone were not ready at a time: the controller taints them one after the other. */
export function unreadyBefore(recording: Recording, node: string, at: number): number {
  return inZone(objects(recording, 'nodes').lives, node, at).filter((one) => one.name !== node && !isReady(one, at))
    .length
}

function inZone(lives: readonly Life<Node>[], node: string, at: number): Life<Node>[] {
  const there = lives.filter((one) => one.at(at) !== undefined)
  const own = there.find(({ name }) => name === node)
  return there.filter((one) => zoneOf(one.at(at)) === zoneOf(own?.at(at)))
}

export function zoneOf(node: Node | undefined): string {
  const labels = node?.metadata.labels ?? {}
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`
}

function isReady(life: Life<Node>, at: number): boolean {
  const node = life.at(at)
  return node !== undefined && hasCondition(node, 'Ready', 'True')
}
