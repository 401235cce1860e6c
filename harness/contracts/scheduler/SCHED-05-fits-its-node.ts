import { defineContract, type Finding } from '../../judge/contract.ts'
import { misfit } from '../../judge/cluster/node-fit.ts'
import { type PlacedPod, placedPods, statesWhenPlaced } from '../../judge/cluster/placed-pods.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { watchDelayMs } from '../bounds.ts'
import { decisionOn, knownSince } from './decisions.ts'

interface Misplaced {
  readonly pod: string
  readonly node: string
  /** Ends a sentence about the Node. */
  readonly reason: string
  /** How long the Node had been like that. */
  readonly forMs: number
}

const found = findings({
  PLACED_ON_UNFIT_NODE: ({ pod, node, reason, forMs }: Misplaced) =>
    `The scheduler bound ${pod} to ${node}. The Node ${reason}, since ${duration(forMs)} before the binding.`,
  PLACED_ON_FIT_NODES: ({ pods }: { readonly pods: number }) =>
    `The Nodes of ${counted(pods, 'placed pod')} had no taint that the pod does not tolerate, were not cordoned, and matched its selectors.`,
})

/** SCHED-05 */
export const fitsItsNode = defineContract<PlacedPod>({
  id: 'SCHED-05',
  area: 'scheduler',
  promise:
    'The scheduler places no pod on a Node that is cordoned, has a taint that the pod does not tolerate, or does not match its selectors.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  stimulus: { needs: 'a pod that is created without a Node and gets one', find: placedPods },
  judge: (recording, all) => gravest(all, (one) => placedWell(recording, one, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, NODE_UNKNOWN, HOST_NOISE */
function placedWell(recording: Recording, pod: PlacedPod, pods: number): Finding {
  const { life, node, placed } = pod
  const { at: decidedAt } = decisionOn(recording, pod)
  const since = knownSince(recording, decidedAt) - watchDelayMs
  requireWatched(recording, 'nodes', decidedAt - watchDelayMs, placed.at)
  const states = requireNonEmpty(
    statesWhenPlaced(recording, pod, since),
    `The watch reported no state of ${node} from before ${life.name} was placed on it.`,
    'NODE_UNKNOWN',
  )
  const reasons = states.map((state) => misfit(placed.object, state.object, node))
  const [reason] = reasons
  if (reason === undefined || reasons.includes(undefined)) {
    return found.pass('PLACED_ON_FIT_NODES', { pods }, { observed: `${counted(pods, 'pod')} on fit Nodes` })
  }
  requireWatched(recording, 'nodes', since, placed.at)
  const oldest = states.at(-1) ?? states[0]
  const forMs = decidedAt - oldest.at
  const time = { from: oldest.at, until: decidedAt }
  const values = { pod: `${life.namespace}/${life.name}`, node, reason, forMs }
  if (mayBeHost(recording, time, forMs)) {
    const figures = { ...values, ...hostFigures(recording, time, forMs) }
    throw new InconclusiveError(`The host was too slow to judge the placement of ${life.name}.`, 'HOST_NOISE', figures)
  }
  return found.fail('PLACED_ON_UNFIT_NODE', values, {
    observed: 'a pod on an unfit Node',
    moments: [{ at: decidedAt, label: `${life.name} bound to ${node}` }],
    evidence: [oldest.record, placed.record],
  })
}
