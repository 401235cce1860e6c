import { misfit } from '../../../judge/cluster/node-fit.ts'
import { type PlacedPod, placedPods } from '../../../judge/cluster/placed-pods.ts'
import { objects, type Node, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import { selects } from '../../../judge/recording/label-selector.ts'
import type { Life } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { watchDelayMs } from '../../bounds.ts'
import { decisionOn, knownSince } from '../decisions.ts'
import { inFlightMs } from '../in-flight.ts'
import { nodeStates } from './neighbours.ts'

export type Constraint = Pod['spec']['topologySpreadConstraints'][number]

/** A placed pod with its hard constraints, and when its scheduler decided. */
export interface SpreadPod extends PlacedPod {
  readonly decidedAt: number
  readonly constraints: readonly Constraint[]
}

/** The placed pods with hard constraints, by namespace and constraints; each group in the order of the decisions. */
export function spreadGroups(recording: Recording): SpreadPod[][] {
  const constrained = placedPods(recording).flatMap((one): SpreadPod[] => {
    const constraints = one.placed.object.spec.topologySpreadConstraints.filter(isHard)
    return constraints.length === 0 ? [] : [{ ...one, constraints, decidedAt: decisionOn(recording, one).at }]
  })
  const groups = Map.groupBy(constrained, ({ life, constraints }) => `${life.namespace} ${JSON.stringify(constraints)}`)
  return [...groups.values()].map((own) => own.toSorted((a, b) => a.decidedAt - b.decidedAt))
}

const isHard = ({ whenUnsatisfiable, labelSelector }: Constraint): boolean =>
  whenUnsatisfiable === 'DoNotSchedule' && labelSelector !== undefined

/** How uneven a constraint's domains are with a pod. */
export interface Skew {
  readonly constraint: Constraint
  readonly domain: string
  /** Matching pods in the pod's domain, with itself. */
  readonly here: number
  /** Matching pods in the emptiest domain. */
  readonly least: number
}

export const skewOf = ({ here, least }: Skew): number => here - least

/**
 * The skew of each constraint with a pod on its Node. `before`: the pods of its group that were decided before. Of other pods, those whose
 * placement or end the scheduler may not have known count in its favour.
 */
export function skewsWith(
  recording: Recording,
  pod: SpreadPod,
  before: ReadonlySet<Life<Pod>>,
  group: ReadonlySet<Life<Pod>>,
): Skew[] {
  const { life, placed, node, decidedAt, constraints } = pod
  const since = knownSince(recording, decidedAt) - watchDelayMs
  const matching = objects(recording, 'pods').in(life.namespace)
  return constraints.flatMap((constraint): Skew[] => {
    const { labelSelector, minDomains } = constraint
    const nodes = eligibleNodes(recording, pod, constraint, since)
    const domain = nodes.get(node)
    if (labelSelector === undefined || domain === undefined) return []
    const counts = new Map([...nodes.values()].map((one) => [one, 0]))
    for (const other of matching) {
      const first = other.first(({ spec }) => spec.nodeName !== undefined)
      const there = nodes.get(first?.object.spec.nodeName ?? '')
      if (other === life || !first || there === undefined || !selects(labelSelector, first.object.metadata.labels))
        continue
      const isHere = there === domain
      const from = group.has(other)
        ? before.has(other)
          ? -Infinity
          : Infinity
        : first.at + (isHere ? watchDelayMs : -inFlightMs)
      const until = leavingAt(other) + (isHere ? 0 : watchDelayMs + decidedAt - since)
      if (from <= decidedAt && decidedAt < until) counts.set(there, (counts.get(there) ?? 0) + 1)
    }
    const self = selects(labelSelector, placed.object.metadata.labels) ? 1 : 0
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values())
    return [{ constraint, domain, here: (counts.get(domain) ?? 0) + self, least }]
  })
}

/** Terminating and finished pods do not count. */
function leavingAt(life: Life<Pod>): number {
  const leaving = life.first(
    ({ metadata, status }) =>
      metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded' || status.phase === 'Failed',
  )
  return Math.min(leaving?.at ?? Infinity, life.deletedAt)
}

/** The domain of each Node that counts for a constraint in every state that the scheduler may have known. */
function eligibleNodes(
  recording: Recording,
  pod: SpreadPod,
  constraint: Constraint,
  since: number,
): ReadonlyMap<string, string> {
  const keys = pod.constraints.map(({ topologyKey }) => topologyKey)
  const names = new Set(objects(recording, 'nodes').lives.map(({ name }) => name))
  return new Map(
    [...names].flatMap((name): [string, string][] => {
      const states = nodeStates(recording, name, pod, since)
      const domains = new Set(states.map(({ metadata }) => metadata.labels[constraint.topologyKey]))
      const [domain] = domains
      const counts = states.every((state) => isEligible(pod.placed.object, state, name, constraint, keys))
      return domain === undefined || domains.size > 1 || !counts ? [] : [[name, domain]]
    }),
  )
}

function isEligible(pod: Pod, node: Node, name: string, constraint: Constraint, keys: readonly string[]): boolean {
  const { labels } = node.metadata
  if (!keys.every((key) => labels[key] !== undefined)) return false
  const untainted = { ...node, spec: { taints: [] } }
  const unselected = {
    ...pod,
    spec: { ...pod.spec, nodeSelector: {}, affinity: { ...pod.spec.affinity, nodeAffinity: {} } },
  }
  return (
    (constraint.nodeAffinityPolicy !== 'Honor' || misfit(pod, untainted, name) === undefined) &&
    (constraint.nodeTaintsPolicy !== 'Honor' || misfit(unselected, node, name) === undefined)
  )
}
