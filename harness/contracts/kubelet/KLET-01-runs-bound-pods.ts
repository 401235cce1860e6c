import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { defaultGraceSeconds, podEnd } from '../nodes/node-bounds.ts'
import { kubeletTimes } from '../nodes/kubelet-times.ts'
import { comparable, type Listing, listings } from './listings.ts'

type Container = Listing['containers'][number]

interface Foreign {
  readonly pod: string
  readonly machine: string
  readonly container: string
  readonly afterMs: number
}

const found = findings({
  RUNS_FOREIGN_POD: ({ pod, machine, container, afterMs }: Foreign) =>
    `${machine} ran the container ${container} of ${pod}, which was not bound to it for ${duration(afterMs)}.`,
  RUNS_BOUND_PODS: ({ containers, listings }: { readonly containers: number; readonly listings: number }) =>
    `Each of ${counted(containers, 'container')} in ${counted(listings, 'listing')} of the Nodes' runtimes belonged to a pod that was bound to its Node.`,
})

/** KLET-01 */
export const runsBoundPods = defineContract<Listing>({
  id: 'KLET-01',
  area: 'kubelet',
  promise: 'A Node runs containers only of pods that are bound to it, and ends those of pods that were deleted.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
  stimulus: { needs: "containers in a listing of a Node's runtime", find: listings },
  judge(recording, all) {
    const own = comparable(recording, all)
    return gravest(own, (one) => onlyBound(recording, one, own))
  },
})

function onlyBound(recording: Recording, listing: Listing, all: readonly Listing[]): Finding {
  const { at, machine, containers } = listing
  const excused = kubeletTimes(recording, machine)
  const times = containers.map((container) => {
    const { since, graceMs } = lastBound(recording, container, listing)
    return {
      container,
      since,
      bound: podEnd(graceMs),
      afterMs: longestMs(without({ from: since, until: at }, excused)),
    }
  })
  const foreign = times.find(({ afterMs, bound }) => afterMs > bound.limit)
  if (foreign) {
    const { container, since, bound, afterMs } = foreign
    requireWatched(recording, 'pods', since, at)
    const values = { pod: `${container.namespace}/${container.pod}`, machine, container: container.name, afterMs }
    const observed = `a container of a pod that is not bound to ${machine}`
    return found.fail('RUNS_FOREIGN_POD', values, { observed, measured: afterMs, bound, evidence: [listing] })
  }
  const count = all.reduce((sum, one) => sum + one.containers.length, 0)
  const observed = `${counted(count, 'container')} of bound pods`
  return found.pass('RUNS_BOUND_PODS', { containers: count, listings: all.length }, { observed })
}

/**
 * Until when a pod was bound to the machine, and its grace period: the time of the listing for one that still is. A pod that the
 * watch never reported may have been deleted just before the recording.
 */
function lastBound(recording: Recording, { namespace, pod }: Container, { at, machine }: Listing) {
  const lives = objects(recording, 'pods')
    .named(namespace, pod)
    .filter(({ versions }) => versions.some(({ object }) => object.spec.nodeName === machine))
  const graces = lives.map(({ versions }) => versions.at(-1)?.object.spec.terminationGracePeriodSeconds ?? 0)
  return {
    since: Math.max(span(recording).from, ...lives.map(({ deletedAt }) => Math.min(deletedAt, at))),
    graceMs: 1_000 * (graces.length > 0 ? Math.max(...graces) : defaultGraceSeconds),
  }
}
