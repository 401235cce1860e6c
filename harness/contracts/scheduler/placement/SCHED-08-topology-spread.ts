import { defineContract, type Finding } from '../../../judge/contract.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import type { Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { noException, watchDelayMs } from '../../bounds.ts'
import { inFlightMs } from '../in-flight.ts'
import { type Skew, skewOf, skewsWith, spreadGroups, type SpreadPod } from './spread-groups.ts'

interface Uneven {
  readonly pod: string
  readonly topologyKey: string
  readonly domain: string
  readonly here: number
  readonly least: number
  readonly maxSkew: number
}

const found = findings({
  SKEW_EXCEEDED: ({ pod, topologyKey, domain, here, least, maxSkew }: Uneven) =>
    `With ${pod}, the domain ${domain} of ${topologyKey} has ${counted(here, 'matching pod')} and the emptiest one ${least}; the constraint allows a difference of ${maxSkew}.`,
  SPREAD: ({ pods, skew }: { readonly pods: number; readonly skew: number }) =>
    `The scheduler placed ${counted(pods, 'pod')} with hard spread constraints; domains differed by ${skew} at most.`,
})

/** SCHED-08. Removed pods, and Nodes that are lost later, may leave domains uneven: only placements count. */
export const topologySpread = defineContract<SpreadPod[]>({
  id: 'SCHED-08',
  area: 'scheduler',
  promise:
    'The scheduler places a pod with a spread constraint DoNotSchedule only where the domains then differ by maxSkew at most.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  stimulus: { needs: 'a placed pod with a spread constraint DoNotSchedule', find: spreadGroups },
  judge(recording, groups) {
    const pods = groups.reduce((sum, { length }) => sum + length, 0)
    return gravest(groups, (group) => spreadInOrder(recording, group, pods))
  },
})

/**
 * Bindings are sent side by side and may arrive in another order than the decisions. So an order of decisions has to exist that keeps the
 * constraints, in which a pod moves by the time in flight at most. Equal constraints allow the search without going back.
 * @throws InconclusiveError NOT_WATCHED
 */
function spreadInOrder(recording: Recording, group: readonly SpreadPod[], pods: number): Finding {
  for (const { decidedAt, placed } of group) {
    for (const resource of ['nodes', 'pods'] as const) {
      requireWatched(recording, resource, decidedAt - watchDelayMs, placed.at)
    }
  }
  const all = new Set(group.map(({ life }) => life))
  const before = new Set<Life<Pod>>()
  let left = [...group]
  let most = 0
  for (let [first] = left; first; [first] = left) {
    const until = first.decidedAt + inFlightMs
    const tried = left
      .filter(({ decidedAt }) => decidedAt <= until)
      .map((pod) => ({ pod, worst: worstOf(skewsWith(recording, pod, before, all)) }))
    const next = tried.find(({ worst }) => worst === undefined || excess(worst) <= 0)
    if (!next) return exceeded(first, tried[0]?.worst)
    most = Math.max(most, next.worst ? skewOf(next.worst) : 0)
    before.add(next.pod.life)
    left = left.filter((one) => one !== next.pod)
  }
  return found.pass(
    'SPREAD',
    { pods, skew: most },
    { observed: `${counted(pods, 'pod')} spread, largest difference ${most}`, measured: 0, bound: noException },
  )
}

const excess = (skew: Skew): number => skewOf(skew) - skew.constraint.maxSkew

function worstOf(skews: readonly Skew[]): Skew | undefined {
  return skews.toSorted((a, b) => excess(b) - excess(a))[0]
}

function exceeded({ life, placed }: SpreadPod, worst: Skew | undefined): Finding {
  const { topologyKey = '', maxSkew = 0 } = worst?.constraint ?? {}
  const { domain = '', here = 0, least = 0 } = worst ?? {}
  return found.fail(
    'SKEW_EXCEEDED',
    { pod: `${life.namespace}/${life.name}`, topologyKey, domain, here, least, maxSkew },
    {
      observed: `${here} and ${least} pods in two domains`,
      measured: here - least - maxSkew,
      bound: noException,
      evidence: [placed.record],
    },
  )
}
