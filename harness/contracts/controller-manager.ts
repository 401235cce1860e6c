import { audited } from '../judge/audited.ts'
import { isSuccess } from '../judge/bindings.ts'
import type { AnyContract as Contract } from '../judge/bridge.ts'
import { failed, timed } from '../judge/bridge.ts'
import { isOwnedBy, objects } from '../judge/kubernetes-objects.ts'
import { type ReplicaSpan, replicaTimeline } from '../judge/replica-timeline.ts'
import { namespaceOf, span } from '../judge/scene.ts'
import { InconclusiveError, requireNonEmpty } from '../judge/inconclusive.ts'
import { needWatched } from '../judge/watch-coverage.ts'
import { counted, duration, listed } from '../judge/words.ts'
import { reconcile } from './bounds.ts'

export const replicaSetController = 'system:serviceaccount:kube-system:replicaset-controller'

/** CM-01 */
const reconciles: Contract = {
  id: 'CM-01',
  area: 'kube-controller-manager',
  promise: 'Controllers bring what is there back to what is wanted, and only by asking the API for it.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/controller/',
  scenarios: ['kill-scheduler', 'drain-node'],
  judge(recording) {
    const namespace = namespaceOf(recording)
    const { from, until } = span(recording)
    needWatched(recording, 'pods', from, until)
    needWatched(recording, 'deployments', from, until)
    const timeline = requireNonEmpty(
      replicaTimeline(recording, namespace, 'web', until),
      'The Deployment web was not seen.',
    )
    const creates = audited(recording)
      .filter((one) => one.verb === 'create' && one.resource === 'pods' && one.subresource === '')
      .filter((one) => one.namespace === namespace && isSuccess(one) && from <= one.at && one.at <= until)
    const made = objects(recording, 'pods')
      .in(namespace)
      .filter(({ listed, versions }) => !listed && versions.some(({ object }) => isOwnedBy(object, 'ReplicaSet')))
    requireNonEmpty(made, 'No pod of a ReplicaSet was created.')
    const asked = creates.filter(({ user }) => user === replicaSetController)
    if (asked.length < made.length) {
      const others = [...new Set(creates.map(({ user }) => user).filter((user) => user !== replicaSetController))]
      return failed(
        `${counted(made.length, 'pod')} of ReplicaSets appeared, but the audit log has ${asked.length} created by the ReplicaSet controller${others.length > 0 ? ` (others: ${listed(others)})` : ''}.`,
        { observed: `${made.length - asked.length} pods not asked of the API by the controller` },
      )
    }
    const gaps = shortages(timeline)
    const longest = gaps.toSorted((a, b) => b.until - b.from - (a.until - a.from))[0]
    const last = timeline.at(-1)
    if (last && last.active !== last.wanted) {
      const open = gaps.at(-1)
      const since = open?.until === last.until ? open.from : last.from
      if (last.until - since <= reconcile.limit)
        throw new InconclusiveError('The recording ends while pods are being replaced.')
      return failed(
        `${last.wanted} pods of web are wanted and ${last.active} are there ${duration(last.until - since)} later.`,
        {
          observed: `${last.active} of ${last.wanted} pods at the end`,
          bound: reconcile,
        },
      )
    }
    const ms = longest ? longest.until - longest.from : 0
    return timed(ms, reconcile, {
      observed: `${counted(gaps.length, 'shortage')} of pods, the longest ${duration(ms)}`,
      pass: `Whenever pods of web were too few, the ReplicaSet controller asked the API for new ones (${counted(asked.length, 'create')} in the audit log).`,
      late: `Pods of web were too few for ${duration(ms)}.`,
      ...(longest ? { moments: [{ at: longest.from, label: 'pods of web too few' }] } : {}),
    })
  },
}

/** Stretches in which fewer pods were there than wanted. */
function shortages(timeline: readonly ReplicaSpan[]): { from: number; until: number }[] {
  const found: { from: number; until: number }[] = []
  for (const { from, until, wanted, active } of timeline) {
    if (active >= wanted) continue
    const last = found.at(-1)
    if (last?.until === from) last.until = until
    else found.push({ from, until })
  }
  return found
}

export const controllerManager: readonly Contract[] = [reconciles]
