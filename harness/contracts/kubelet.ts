import type { AnyContract as Contract } from '../judge/bridge.ts'
import { drainOf } from '../judge/drains.ts'
import { failed, timed } from '../judge/bridge.ts'
import { matches, objects } from '../judge/kubernetes-objects.ts'
import type { Life, Version } from '../judge/object-history.ts'
import type { Pod } from '../judge/kubernetes-objects.ts'
import { namespaceOf, span } from '../judge/scene.ts'
import { attemptsTo, type EndpointState, endpointStates } from '../judge/service-endpoints.ts'
import { InconclusiveError, requireNonEmpty } from '../judge/inconclusive.ts'
import { needWatched } from '../judge/watch-coverage.ts'
import { counted, duration } from '../judge/words.ts'
import { proxySync } from './bounds.ts'

interface Ending {
  readonly life: Life<Pod>
  /** The first state in which the pod is told to end. */
  readonly told: Version<Pod>
}

/** KLET-07 */
const terminatingIsUnready: Contract = {
  id: 'KLET-07',
  area: 'kubelet',
  promise:
    'A pod that is told to end stops being a ready endpoint at once, and gets no new connection of its Service though it may still answer.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
  scenarios: ['drain-node'],
  judge(recording) {
    const namespace = namespaceOf(recording)
    const service = `${namespace}/web`
    const { window, command } = drainOf(recording)
    const { until } = span(recording)
    const fault = window.words
    const bound = proxySync(recording)
    needWatched(recording, 'pods', command.at, command.endedAt)
    needWatched(recording, 'endpointslices', command.at, command.endedAt)
    const endings = requireNonEmpty(
      objects(recording, 'pods')
        .in(namespace)
        .flatMap((life): Ending[] => {
          const told = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
          const ours = told && matches(told.object.metadata.labels, { app: 'web' })
          return ours && command.at <= told.at && told.at <= command.endedAt ? [{ life, told }] : []
        }),
      'No pod of web was told to end during the drain.',
    )
    const states = endpointStates(recording, service)
    const attempts = attemptsTo(recording, service)
    let worst = { pod: '', ms: 0, at: 0 }
    for (const { life, told } of endings) {
      const unready = unreadyAfter(states, life.name, told)
      if (unready === 'never' || unready === 'too late') {
        if (until - told.at <= bound.limit)
          throw new InconclusiveError(`The recording ends just after ${life.name} was told to end.`)
        return failed(
          unready === 'never'
            ? `${life.name} was told to end and no slice ever said that it is not ready.`
            : `${life.name} was told to end and the next two changes of its slice still called it ready.`,
          { observed: 'a terminating pod that counts as ready', bound, fault },
        )
      }
      const again = states.find(
        ({ at, endpoints }) => at > unready && at < life.deletedAt && endpoints.get(life.name)?.ready,
      )
      if (again) {
        return failed(`${life.name} was ready again ${duration(again.at - told.at)} after it was told to end.`, {
          observed: 'a terminating pod that is ready again',
          fault,
        })
      }
      requireNonEmpty(
        attempts.filter(({ at }) => at >= unready && at <= unready + bound.limit + 1_000),
        `Nobody probed ${service} while ${life.name} was ending.`,
      )
      const answered = attempts.findLast(({ backend, ok, at }) => ok && backend === life.name && at >= unready)
      if (answered && answered.at - unready > worst.ms) {
        worst = { pod: life.name, ms: answered.at - unready, at: answered.at }
      }
    }
    return timed(worst.ms, bound, {
      observed: `last new connection ${duration(worst.ms)} after the slice said not ready`,
      pass: `Each of ${counted(endings.length, 'terminating pod')} was not ready by the next change of its slice and got no new connection past the bound.`,
      late: `${worst.pod} answered a new connection ${duration(worst.ms)} after its slice said not ready (bound ${duration(bound.limit)}).`,
      fault,
      ...(worst.at > 0 ? { moments: [{ at: worst.at, label: `${worst.pod} last answered` }] } : {}),
    })
  },
}

/**
 * When the slices stopped calling the pod ready. The change that was being written when the pod was told to end may not
 * know of it yet; the one after that has to.
 */
function unreadyAfter(
  states: readonly EndpointState[],
  pod: string,
  told: Version<Pod>,
): number | 'never' | 'too late' {
  const [newest] = states.filter(({ resourceVersion }) => resourceVersion < told.resourceVersion).slice(-1)
  if (newest && !newest.endpoints.get(pod)?.ready) return told.at
  const after = states.filter(({ resourceVersion }) => resourceVersion > told.resourceVersion)
  const index = after.findIndex(({ endpoints }) => !endpoints.get(pod)?.ready)
  if (index < 0) return 'never'
  return index <= 1 ? Math.max(told.at, after[index]?.at ?? told.at) : 'too late'
}

export const kubelet: readonly Contract[] = [terminatingIsUnready]
