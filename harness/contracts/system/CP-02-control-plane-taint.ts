import { defineContract, type Finding } from '../../judge/contract.ts'
import { misfit } from '../../judge/cluster/node-fit.ts'
import { statesWhenPlaced } from '../../judge/cluster/placed-pods.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { named } from '../../judge/recording/cluster-facts.ts'
import { type Node, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted } from '../../judge/verdict/format.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { noException, watchDelayMs } from '../bounds.ts'
import { decisionOn, knownSince } from '../scheduler/decisions.ts'
import { type Placement, placements } from '../scheduler/placements.ts'

interface Counts {
  readonly pods: number
  /** Placed on control-plane Nodes. */
  readonly admitted: number
  /** Kept off by a taint, with no other Node to go to. */
  readonly barred: number
}

const found = findings({
  PLACED_IN_SPITE_OF_TAINT: ({ pod, node, reason }: { pod: string; node: string; reason: string }) =>
    `The scheduler placed ${pod} on the control-plane Node ${node}, which ${reason}.`,
  KEPT_OFF: ({ pod, node }: { readonly pod: string; readonly node: string }) =>
    `The scheduler reported that no Node fits ${pod}; no taint keeps it from the control-plane Node ${node}, which it selects.`,
  TAINTS_FOLLOWED: ({ pods, admitted, barred }: Counts) =>
    `Of ${counted(pods, 'pod')}, ${admitted} were placed on control-plane Nodes, and taints that they do not tolerate kept ${barred} waiting.`,
})

/** CP-02. The taint decides, and not the role: distributions without it place pods everywhere. */
export const controlPlaneTaint = defineContract<Placement>({
  id: 'CP-02',
  area: 'control-plane',
  promise:
    'The scheduler places pods on a control-plane Node exactly if the Node has no taint that they do not tolerate.',
  reference: 'https://kubernetes.io/docs/reference/labels-annotations-taints/',
  stimulus: { needs: 'a pod that is created without a Node beside a control-plane Node', find: decided },
  judge(recording, all) {
    const counts = {
      pods: all.length,
      admitted: all.filter(({ placed }) => isControlPlane(recording, placed?.object.spec.nodeName)).length,
      barred: all.filter((one) => one.declined && onlyThere(recording, one).length > 0).length,
    }
    return gravest(all, (one) => admitted(recording, one) ?? keptOff(recording, one) ?? followed(counts))
  },
})

function decided(recording: Recording): Placement[] {
  const nodes = controlPlaneNodes(recording)
  return nodes.length === 0 ? [] : placements(recording).filter(({ placed, declined }) => placed || declined)
}

const controlPlaneNodes = (recording: Recording): string[] =>
  named(recording, 'control-plane').filter((name) => objects(recording, 'nodes').named('', name).length > 0)

const isControlPlane = (recording: Recording, node = ''): boolean => controlPlaneNodes(recording).includes(node)

/** @throws InconclusiveError NOT_WATCHED, NODE_UNKNOWN */
function admitted(recording: Recording, { life, placed }: Placement): Finding | undefined {
  const node = placed?.object.spec.nodeName
  if (!placed || node === undefined || !isControlPlane(recording, node)) return undefined
  const pod = { life, node, placed }
  const decidedAt = decisionOn(recording, pod).at
  const since = knownSince(recording, decidedAt) - watchDelayMs
  requireWatched(recording, 'nodes', decidedAt - watchDelayMs, placed.at)
  const states = requireNonEmpty(
    statesWhenPlaced(recording, pod, since),
    `The watch reported no state of ${node} from before ${life.name} was placed on it.`,
    'NODE_UNKNOWN',
  )
  const reasons = states.map(({ object }) => misfit(withoutSelectors(placed.object), object, node))
  const [reason] = reasons
  if (reason === undefined || reasons.includes(undefined)) return undefined
  const values = { pod: `${life.namespace}/${life.name}`, node, reason }
  const observed = 'a pod on a tainted control-plane Node'
  return found.fail('PLACED_IN_SPITE_OF_TAINT', values, { observed, evidence: [states[0].record, placed.record] })
}

/** @throws InconclusiveError NOT_WATCHED */
function keptOff(recording: Recording, one: Placement): Finding | undefined {
  const { life, declined } = one
  const pod = life.versions.at(-1)
  // Other rules may explain why such a pod waits.
  if (!declined || !pod || pod.object.spec.nodeName !== undefined || !isPlain(pod.object)) return undefined
  const node = onlyThere(recording, one).find((name) => {
    const states = statesBefore(recording, name, pod.at)
    return states.length > 0 && states.every((state) => misfit(pod.object, state, name) === undefined)
  })
  if (node === undefined) return undefined
  requireWatched(recording, 'nodes', life.bornAt - watchDelayMs, pod.at)
  const values = { pod: `${life.namespace}/${life.name}`, node }
  return found.fail('KEPT_OFF', values, { observed: 'a pod kept off a Node that fits it', evidence: [pod.record] })
}

function followed(counts: Counts): Finding {
  const observed = `${counted(counts.admitted, 'pod')} on control-plane Nodes, ${counts.barred} kept off`
  return found.pass('TAINTS_FOLLOWED', { ...counts }, { observed, measured: 0, bound: noException })
}

/** The control-plane Nodes that a pod selects, if it selects no other Node. */
function onlyThere(recording: Recording, { life }: Placement): string[] {
  const pod = life.versions.at(-1)
  if (!pod) return []
  const selected = objects(recording, 'nodes').lives.flatMap(({ name }) => {
    const [state] = statesBefore(recording, name, pod.at)
    const isSelected = state && misfit(pod.object, { ...state, spec: { taints: [] } }, name) === undefined
    return isSelected ? [name] : []
  })
  const own = controlPlaneNodes(recording)
  return selected.every((name) => own.includes(name)) ? selected : []
}

/** The states that a Node had in the time in which the scheduler decided; newest first. */
function statesBefore(recording: Recording, name: string, at: number): Node[] {
  const versions = objects(recording, 'nodes')
    .named('', name)
    .flatMap((life) => life.versions)
    .filter((one) => one.at <= at)
  const known = versions.filter(({ deleted }, n) => !deleted && (versions[n + 1]?.at ?? Infinity) > at - watchDelayMs)
  return known.map(({ object }) => object).toReversed()
}

function withoutSelectors(pod: Pod): Pod {
  return { ...pod, spec: { ...pod.spec, nodeSelector: {}, affinity: { ...pod.spec.affinity, nodeAffinity: {} } } }
}

function isPlain({ spec }: Pod): boolean {
  const terms = spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution
  const requests = spec.containers.flatMap(({ resources }) => Object.keys(resources.requests))
  return terms.length + spec.topologySpreadConstraints.length + requests.length === 0
}
