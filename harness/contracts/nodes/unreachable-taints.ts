import { bindings } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { span } from '../../judge/scene.ts'
import { InconclusiveError, requireEvidence } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { nodeTainted } from '../bounds.ts'
import { lostNode } from './lost-node.ts'

const effects = ['NoSchedule', 'NoExecute'] as const
const inFlightMs = 1_000

/** NODE-03 */
export const unreachableTaints: Contract = {
  id: 'NODE-03',
  area: 'nodes',
  promise: 'A Node whose readiness is unknown is tainted unreachable, to keep new pods away and to move the old ones.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  scenarios: ['drain-node'],
  judge(recording) {
    const { node, window, life, unknown } = lostNode(recording)
    const { at: since } = requireEvidence(unknown, `${node} was not marked Unknown, so no taint was due.`)
    const { until } = span(recording)
    const bound = nodeTainted(recording)
    const fault = window.words
    needWatched(recording, 'nodes', since, Math.min(until, since + bound.limit))
    const tainted = effects.map((effect) => ({
      effect,
      at: life.first(
        ({ spec }) =>
          spec.taints.some((taint) => taint.key === 'node.kubernetes.io/unreachable' && taint.effect === effect),
        window.intentAt,
      )?.at,
    }))
    const missing = tainted.filter(({ at }) => at === undefined).map(({ effect }) => effect)
    if (missing.length > 0) {
      if (until - since <= bound.limit)
        throw new InconclusiveError(`The recording ends before ${node} had to be tainted.`)
      return failed(
        `${node} was Unknown for ${duration(until - since)} without the taint unreachable:${listed(missing)}.`,
        {
          observed: `no taint ${listed(missing)}`,
          bound,
          fault,
        },
      )
    }
    const last = Math.max(...tainted.map(({ at }) => at ?? Infinity))
    const placed = bindings(recording).filter((one) => one.node === node && one.at > last + inFlightMs)
    const broken = placed.filter((one) => one.bound)
    if (broken.length > 0) {
      return failed(
        `${listed(broken.map(({ pod, at }) => `${pod} was bound to ${node} ${duration(at - last)}`))} after it was tainted.`,
        { observed: `${counted(broken.length, 'pod')} placed on a lost Node`, fault },
      )
    }
    // Marking and tainting are separate writes: the taint may even be seen first.
    const ms = Math.max(0, last - since)
    return timed(ms, bound, {
      observed: `both taints ${duration(ms)} after Unknown`,
      pass: `NoSchedule and NoExecute were there in time, and no pod was bound to ${node} afterwards.`,
      late: `${node} had both taints only ${duration(ms)} after it was Unknown.`,
      fault,
      moments: [{ at: last, label: `${node} tainted unreachable` }],
    })
  },
}
