import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { type SelectingService, type SliceDeviation, selectingServices } from '../../judge/cluster/slice-deviations.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { reconcile } from '../bounds.ts'
import { unableTimes } from './unable-times.ts'

interface Listing {
  readonly service: string
  readonly pod: string
  readonly forMs: number
}

const found = findings({
  ENDPOINT_MISSING: ({ service, pod, forMs }: Listing) =>
    `The slices of ${service} did not list ${pod} as ready for ${duration(forMs)} in which it was Ready.`,
  ENDPOINT_STALE: ({ service, pod, forMs }: Listing) =>
    `The slices of ${service} listed ${pod} as ready for ${duration(forMs)} although no such pod was Ready.`,
  ENDPOINT_LATE: ({ service, pod, forMs }: Listing) =>
    `The slices of ${service} listed ${pod} as ready ${duration(forMs)} after it became Ready.`,
  ENDPOINT_REMOVED_LATE: ({ service, pod, forMs }: Listing) =>
    `The slices of ${service} listed ${pod} as ready until ${duration(forMs)} after its end.`,
  SLICES_FOLLOW: ({ services, endpoints, longestMs: forMs }: Followed) =>
    `The slices of ${counted(services, 'Service')} followed up to ${counted(endpoints, 'ready endpoint')} within ${duration(forMs)}.`,
})

interface Followed {
  readonly services: number
  readonly endpoints: number
  readonly longestMs: number
}

export const slicesFollow = defineContract<SelectingService>({
  id: 'CM-07',
  area: 'kube-controller-manager',
  promise:
    'The EndpointSlices of a Service with a selector list each selected Ready pod as ready, and no pod that is deleted, terminated or not Ready.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/',
  stimulus: { needs: 'a Service with a selector and pods', find: selectingServices },
  judge(recording, services) {
    const unable = unableTimes(recording, 'kube-controller-manager')
    const worst = gravest(services, (service) => followed(service, unable))
    if (worst.status !== 'pass') return worst
    requireWatchedWhileAble(recording, unable)
    const endpoints = services.reduce((sum, one) => sum + one.endpoints, 0)
    const values = { services: services.length, endpoints, longestMs: worst.measured ?? 0 }
    return { ...worst, ...found.pass('SLICES_FOLLOW', values, worst) }
  },
})

type Times = ReturnType<typeof unableTimes>

function followed({ service, endpoints, deviations }: SelectingService, unable: Times): Finding {
  const timed = deviations.map((one) => ({ one, forMs: longestMs(without(one, unable)) }))
  const late = timed.filter(({ forMs }) => forMs > reconcile.limit)
  const worst = late.find(({ one }) => !one.corrected) ?? late.toSorted((a, b) => b.forMs - a.forMs)[0]
  if (worst) return deviates(service, worst.one, worst.forMs)
  const forMs = Math.max(0, ...timed.map((one) => one.forMs))
  return found.pass(
    'SLICES_FOLLOW',
    { services: 1, endpoints, longestMs: forMs },
    { observed: `slices follow within ${duration(forMs)}`, measured: forMs, bound: reconcile },
  )
}

function deviates(service: string, { sort, pod, corrected, from, records }: SliceDeviation, forMs: number): Finding {
  const values = { service, pod, forMs }
  const details = {
    observed: `${pod} of ${service} is ${sort} for ${duration(forMs)}`,
    measured: forMs,
    bound: reconcile,
    moments: [{ at: from, label: `${pod} is ${sort} in the slices` }],
    evidence: records,
  }
  if (!corrected) return found.fail(sort === 'missing' ? 'ENDPOINT_MISSING' : 'ENDPOINT_STALE', values, details)
  return found.late(sort === 'missing' ? 'ENDPOINT_LATE' : 'ENDPOINT_REMOVED_LATE', values, details)
}

/** @throws InconclusiveError NOT_WATCHED where a time in which the controller could act was not watched */
function requireWatchedWhileAble(recording: Recording, unable: Times): void {
  for (const { from, until } of without(span(recording), unable)) {
    for (const resource of ['services', 'endpointslices', 'pods', 'nodes'] as const) {
      requireWatched(recording, resource, from, until)
    }
  }
}
