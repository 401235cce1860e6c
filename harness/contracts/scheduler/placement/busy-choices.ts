import { misfit } from '../../../judge/cluster/node-fit.ts'
import { podsOn } from '../../../judge/cluster/node-usage.ts'
import { type PlacedPod, placedPods } from '../../../judge/cluster/placed-pods.ts'
import { certain, during, type FaultWindow, faultWindows } from '../../../judge/faults/fault-windows.ts'
import { matches, type Node, objects } from '../../../judge/recording/kubernetes-objects.ts'
import { type Taint, tolerates } from '../../../judge/recording/tolerations.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { watchDelayMs } from '../../bounds.ts'
import { served } from '../../live-settings.ts'
import { decisionOn, knownSince } from '../decisions.ts'
import { neighbours, nodeStates } from './neighbours.ts'
import { isEmptier, type RequestedShares, requestedShares } from './requested-shares.ts'

/** A pod that was placed while a Node's processors were in use, and that scores by requests send to that Node. */
export interface BusyChoice {
  readonly pod: PlacedPod
  readonly busy: string
  readonly decidedAt: number
  readonly window: FaultWindow
  /** By Node, for those that fit the pod. */
  readonly shares: ReadonlyMap<string, RequestedShares>
}

/** Every choice that requests alone decide: without preferences of the pod, and with a clear difference. */
export function busyChoices(recording: Recording): BusyChoice[] {
  const windows = faultWindows(recording).filter(({ fault }) => fault === 'hog-cpu')
  const strategy = served(recording, 'kube-scheduler', 'scoringStrategy.type') ?? 'LeastAllocated'
  if (windows.length === 0 || strategy !== 'LeastAllocated') return []
  return placedPods(recording).flatMap((pod) => {
    const decidedAt = decisionOn(recording, pod).at
    const own = windows.filter((window) => during(certain(window), decidedAt))
    if (own.length === 0 || hasPreference(recording, pod)) return []
    return own.flatMap((window) =>
      window.target.machines.flatMap((busy): BusyChoice[] => {
        const shares = candidates(recording, pod, busy, decidedAt)
        return isEmptiest(shares, busy) ? [{ pod, busy, decidedAt, window, shares }] : []
      }),
    )
  })
}

function isEmptiest(shares: ReadonlyMap<string, RequestedShares>, busy: string): boolean {
  const own = shares.get(busy)
  const others = [...shares].filter(([name]) => name !== busy)
  return own !== undefined && others.length > 0 && others.every(([, share]) => isEmptier(own, share))
}

/** Pods of a workload or a Service are spread by default; other preferences are in the pod itself. */
function hasPreference(recording: Recording, { life, placed }: PlacedPod): boolean {
  const { metadata, spec } = placed.object
  const affinity = JSON.stringify((placed.record.object['spec'] as { affinity?: unknown }).affinity ?? {})
  const isServed = objects(recording, 'services')
    .in(life.namespace)
    .some(({ versions }) => versions.some(({ object }) => matches(metadata.labels, object.spec.selector)))
  return (
    isServed ||
    metadata.ownerReferences.length + spec.topologySpreadConstraints.length > 0 ||
    affinity.includes('"preferredDuring')
  )
}

/**
 * The requested shares of the Nodes that fit a pod in some state that the scheduler may have known: at most those of the busy Node, at
 * least those of the others. Empty where a Node has another size or is avoided by a soft taint.
 */
function candidates(
  recording: Recording,
  pod: PlacedPod,
  busy: string,
  decidedAt: number,
): Map<string, RequestedShares> {
  const since = knownSince(recording, decidedAt) - watchDelayMs
  const known = neighbours(recording, pod)
  const found = new Map<string, RequestedShares>()
  const sizes = new Set<string>()
  for (const name of new Set(objects(recording, 'nodes').lives.map((life) => life.name))) {
    const states = nodeStates(recording, name, pod, since)
    const [state] = states.filter((one) => misfit(pod.placed.object, one, name) === undefined)
    if (!state || (name === busy && states.some((one) => misfit(pod.placed.object, one, name)))) continue
    if (isAvoided(pod, state)) return new Map()
    sizes.add(`${state.status.allocatable['cpu']} ${state.status.allocatable['memory']}`)
    const pods =
      name === busy
        ? podsOn(recording, { ...pod, node: name }, Infinity).filter((one) => one !== pod.placed.object)
        : known.filter(({ node }) => node === name).map(({ version }) => version.object)
    found.set(name, requestedShares(pods, state))
  }
  return sizes.size === 1 ? found : new Map()
}

function isAvoided({ placed }: PlacedPod, { spec }: Node): boolean {
  return spec.taints.some((taint: Taint) => taint.effect === 'PreferNoSchedule' && !tolerates(placed.object, taint))
}
