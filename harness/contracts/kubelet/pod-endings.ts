import type { Interval } from '../../judge/faults/fault-windows.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { endpointStates, type EndpointState, followedServices } from '../../judge/cluster/service-endpoints.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { reconcile } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'

/** A pod whose deletion was requested while it was a ready endpoint of a Service. */
export interface Ending {
  readonly life: Life<Pod>
  readonly service: string
  readonly states: readonly EndpointState[]
  /** The first state with the deletion request. */
  readonly reported: Version<Pod>
  /** When faults kept the endpoint controller from acting, or no source watched its slices. */
  readonly unable: readonly Interval[]
  /** The longest continuous time in which the slices could be changed and observed. */
  readonly seenMs: number
}

/** Every such pod whose slices changed, or had the time to change. */
export function endings(recording: Recording): Ending[] {
  const { from, until } = span(recording)
  const unable = [...unableTimes(recording, 'kube-controller-manager'), ...blindTimes(recording, 'endpointslices')]
  return followedServices(recording).flatMap((service) => {
    const [namespace = ''] = service.split('/')
    const states = endpointStates(recording, service)
    return objects(recording, 'pods')
      .in(namespace)
      .flatMap((life): Ending[] => {
        const reported = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
        if (!reported || reported.at < from || !wasReady(states, life.name, reported)) return []
        const changed = states.some(
          ({ resourceVersion, endpoints }) =>
            resourceVersion > reported.resourceVersion && !endpoints.get(life.name)?.ready,
        )
        const seenMs = longestMs(without({ from: reported.at, until }, unable))
        return changed || seenMs > reconcile.limit ? [{ life, service, states, reported, unable, seenMs }] : []
      })
  })
}

function wasReady(states: readonly EndpointState[], pod: string, reported: Version<Pod>): boolean {
  const newest = states.findLast(({ resourceVersion }) => resourceVersion < reported.resourceVersion)
  return newest?.endpoints.get(pod)?.ready === true
}
