import { defineContract, type Finding } from '../../judge/contract.ts'
import { podsOn, shareOf, type Usage, usagesOf } from '../../judge/cluster/node-usage.ts'
import { type PlacedPod, placedPods, statesWhenPlaced } from '../../judge/cluster/placed-pods.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted } from '../../judge/verdict/format.ts'
import { noException, watchDelayMs } from '../bounds.ts'

interface Full extends Usage {
  readonly pod: string
  readonly node: string
}

const found = findings({
  OVERCOMMITTED: ({ pod, node, resource, requested, allocatable }: Full) =>
    `With ${pod}, the pods of ${node} request ${requested} of ${resource}; the Node has ${allocatable} for pods.`,
  REQUESTS_FIT: ({ pods }: { readonly pods: number }) =>
    `The requests of ${counted(pods, 'placed pod')} fitted what their Nodes had left.`,
})

/** SCHED-03. The number of pods is a resource too. */
export const neverOvercommits = defineContract<PlacedPod>({
  id: 'SCHED-03',
  area: 'scheduler',
  promise:
    'The scheduler places a pod only on a Node whose allocatable resources cover the requests of all of its pods.',
  reference: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  stimulus: { needs: 'a pod that is created without a Node and gets one', find: placedPods },
  judge: (recording, all) => gravest(all, (one) => placedWithin(recording, one, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, NODE_UNKNOWN */
function placedWithin(recording: Recording, pod: PlacedPod, pods: number): Finding {
  const { life, node, placed } = pod
  const since = placed.at - watchDelayMs
  for (const resource of ['nodes', 'pods'] as const) requireWatched(recording, resource, since, placed.at)
  const there = podsOn(recording, pod, since)
  const usages = statesWhenPlaced(recording, pod, since).flatMap(({ object }) => usagesOf(there, object)[0] ?? [])
  const [usage] = requireNonEmpty(
    usages.filter((one) => one.allocatable > 0).toSorted((a, b) => shareOf(a) - shareOf(b)),
    `The watch reported no resources of ${node} from before ${life.name} was placed on it.`,
    'NODE_UNKNOWN',
  )
  const { resource, requested, allocatable } = usage
  const measured = Math.max(0, requested - allocatable)
  if (measured === 0) {
    return found.pass(
      'REQUESTS_FIT',
      { pods },
      { observed: `${counted(pods, 'pod')} within capacity`, measured, bound: noException },
    )
  }
  return found.fail(
    'OVERCOMMITTED',
    { ...usage, node, pod: `${life.namespace}/${life.name}` },
    {
      observed: `${requested} of ${allocatable} ${resource} requested`,
      measured,
      bound: noException,
      evidence: [placed.record],
    },
  )
}
