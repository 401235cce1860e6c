import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import { namespaceOf, span } from '../../judge/scene.ts'
import { attemptsTo, endpointStates, endpointsAt } from '../../judge/service-endpoints.ts'
import { InconclusiveError, requireEvidence, requireNonEmpty } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration } from '../../judge/words.ts'
import { endpointsOfLostNode, proxySync } from '../bounds.ts'
import { lostNode } from './lost-node.ts'

/** NODE-09 */
export const lostNodeEndpoints: Contract = {
  id: 'NODE-09',
  area: 'nodes',
  promise:
    'Pods of a lost Node leave the endpoints of their Services when the Node is marked Unknown, and then nobody is sent to them any more.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/self-healing/',
  scenarios: ['drain-node'],
  judge(recording) {
    const { node, window } = lostNode(recording)
    const namespace = namespaceOf(recording)
    const service = `${namespace}/web`
    const { until } = span(recording)
    const fault = window.words
    const states = endpointStates(recording, service)
    const before = requireEvidence(endpointsAt(states, window.from), `The slices of ${service} were not watched.`)
    const stranded = requireNonEmpty(
      [...before.values()].filter((endpoint) => endpoint.node === node && endpoint.ready),
      `No ready endpoint of ${service} was on ${node} when it was lost.`,
    )
    const bound = endpointsOfLostNode(recording, node)
    const left = stranded.map(({ pod }) => ({
      pod,
      at: states.find(({ at, endpoints }) => at > window.from && !endpoints.get(pod)?.ready)?.at,
    }))
    const stuck = left.find(({ at }) => at === undefined)
    needWatched(recording, 'endpointslices', window.from, stuck ? until : Math.max(...left.map(({ at }) => at ?? 0)))
    if (stuck) {
      const waited = until - window.from
      if (waited <= bound.limit)
        throw new InconclusiveError(`The recording ends ${duration(waited)} after ${node} was lost.`)
      return failed(
        `${stuck.pod} on ${node} is still a ready endpoint ${duration(waited)} after the machine was lost.`,
        {
          observed: 'endpoints left ready',
          bound,
          fault,
        },
      )
    }
    const goneAt = Math.max(...left.map(({ at }) => at ?? 0))
    const moments = [{ at: goneAt, label: `no ready endpoint on ${node}` }]

    const sync = proxySync(recording)
    const client = objects(recording, 'pods').named(namespace, 'client').at(-1)?.at(window.from)?.spec.nodeName
    const attempts = requireNonEmpty(
      attemptsTo(recording, service).filter(
        ({ from, at }) => at >= goneAt && from !== node && !(from === 'pod:client' && client === node),
      ),
      `Nobody probed ${service} after its endpoints on ${node} were gone.`,
    )
    const failures = attempts.filter(({ ok }) => !ok)
    const last = failures.at(-1)
    const lag = last ? last.at - goneAt : 0
    if (last && lag > sync.limit) {
      const again = attempts.some(({ ok, at, from }) => ok && at > last.at && from === last.from)
      return {
        status: again ? 'late' : 'fail',
        observed: `${counted(failures.length, 'failed probe')} after the slices, the last ${duration(lag)} after`,
        measured: lag,
        bound: sync,
        reason: `A ${last.protocol} connection from ${last.from} failed (${last.error ?? 'no reason given'}) ${duration(lag)} after no slice listed a pod on ${node} as ready.`,
        fault,
        moments: [...moments, { at: last.at, label: 'last failed probe' }],
      }
    }
    const ms = goneAt - window.from
    return timed(ms, bound, {
      observed: `${counted(stranded.length, 'endpoint')} gone ${duration(ms)} after ${node} was lost`,
      pass: `No connection failed later than ${duration(lag)} after the slices had changed (bound ${duration(sync.limit)}: ${sync.source}).`,
      late: `The slices listed pods on ${node} as ready for ${duration(ms)} after it was lost.`,
      fault,
      moments,
    })
  },
}
