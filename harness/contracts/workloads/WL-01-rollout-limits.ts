import { type PodCounts, podCounts, podsOwnedBy, setsOf } from '../../judge/cluster/pod-counts.ts'
import { type Rollout, rolloutLimits, rollouts } from '../../judge/cluster/rollouts.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { noException, watchDelayMs } from '../bounds.ts'
import { leaderlessTimes } from '../kube-controller-manager/leaderless-times.ts'
import { removalBelow } from './removals-below.ts'

interface Counts {
  readonly deployment: string
  readonly pods: number
  readonly limit: number
}

interface Kept {
  readonly deployment: string
  readonly available: number
  readonly least: number
  readonly pods: number
  readonly most: number
  /** Terminating pods do not count towards the limits: the highest number of them at one time. */
  readonly terminating: number
  readonly rollouts: number
}

const found = findings({
  TOO_FEW_AVAILABLE: ({ deployment, pods, limit, removed }: Counts & { readonly removed: string }) =>
    `The controller removed ${removed} during a rollout of ${deployment}, and ${counted(pods, 'pod')} stayed available; the strategy requires ${limit}.`,
  TOO_MANY_PODS: ({ deployment, pods, limit, afterMs }: Counts & { readonly afterMs: number }) =>
    `${deployment} had ${counted(pods, 'pod')} for ${duration(afterMs)} of a rollout; the strategy allows ${limit}.`,
  WITHIN_LIMITS: ({ deployment, available, least, pods, most, terminating, rollouts: count }: Kept) =>
    `${counted(count, 'rollout')} within the limits: ${deployment} had at least ${available} available pods (limit ${least}), at most ${pods} pods (limit ${most}) and ${terminating} terminating.`,
})

/** WL-01. Terminating pods are counted separately: the strategy's limits do not include them. */
export const rolloutsWithinLimits = defineContract<Rollout>({
  id: 'WL-01',
  area: 'workloads',
  promise:
    'During a rollout a Deployment keeps its available pods above the limit of maxUnavailable and its pods below the limit of maxSurge.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment',
  stimulus: { needs: 'a Deployment with a new pod template and all pods available', find: rollouts },
  judge: (recording, all) => gravest(all, (one) => withinLimits(recording, one, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, NO_PODS, NOT_AUDITED */
function withinLimits(recording: Recording, rollout: Rollout, count: number): Finding {
  const { life, begun, from, until } = rollout
  const { replicas } = begun.object.spec
  const { more, fewer } = rolloutLimits(begun.object.spec)
  const deployment = `${life.namespace}/${life.name}`
  requireWatched(recording, 'pods', from, until)
  const sets = new Set(setsOf(recording, life.uid).map(({ uid }) => uid))
  const counts = podCounts(podsOwnedBy(recording, sets))
  const before = counts.filter(({ version }) => version.resourceVersion < begun.resourceVersion).slice(-1)
  const own = counts.filter(({ version, at }) => version.resourceVersion > begun.resourceVersion && at <= until)
  const [first, ...rest] = requireNonEmpty(
    [...before, ...own],
    `${deployment} has no pods in the recording.`,
    'NO_PODS',
  )
  const breach = firstBreach(
    () => tooFew(recording, own, { deployment, limit: replicas - fewer }),
    () => tooMany(recording, [first, ...rest], { deployment, limit: replicas + more, until }),
  )
  if (breach) return breach
  const highest = (of: (one: PodCounts) => number): number => Math.max(...[first, ...rest].map(of))
  const available = -highest((one) => -one.available)
  const pods = highest(({ active }) => active)
  const terminating = highest((one) => one.terminating)
  const values = { deployment, available, least: replicas - fewer, pods, most: replicas + more, terminating }
  return found.pass(
    'WITHIN_LIMITS',
    { ...values, rollouts: count },
    { observed: `${available} to ${pods} pods, limits ${values.least} and ${values.most}`, bound: noException },
  )
}

function tooFew(
  recording: Recording,
  counts: readonly PodCounts[],
  { deployment, limit }: { readonly deployment: string; readonly limit: number },
): Finding | undefined {
  const removal = removalBelow(recording, counts, limit)
  if (!removal) return undefined
  const { at, life, version, available } = removal
  return found.fail(
    'TOO_FEW_AVAILABLE',
    { deployment, pods: available, limit, removed: life.name },
    {
      observed: `${available} available of at least ${limit}`,
      measured: limit - available,
      bound: noException,
      moments: [{ at, label: `${life.name} is removed` }],
      evidence: [version.record],
    },
  )
}

/** More pods than allowed, for longer than a removal takes that the controller could make. */
function tooMany(
  recording: Recording,
  counts: readonly [PodCounts, ...PodCounts[]],
  { deployment, limit, until }: { readonly deployment: string; readonly limit: number; readonly until: number },
): Finding | undefined {
  const excused = leaderlessTimes(recording, 'kube-controller-manager')
  for (const [n, first] of counts.entries()) {
    if (first.active <= limit || (counts[n - 1]?.active ?? 0) > limit) continue
    const end = counts.slice(n).find(({ active }) => active <= limit)?.at ?? until
    const afterMs = longestMs(without({ from: first.at, until: end }, excused))
    if (afterMs <= watchDelayMs) continue
    const pods = Math.max(
      ...counts
        .slice(n)
        .filter(({ at }) => at < end)
        .map(({ active }) => active),
    )
    return found.fail(
      'TOO_MANY_PODS',
      { deployment, pods, limit, afterMs },
      {
        observed: `${pods} pods of at most ${limit}`,
        measured: pods - limit,
        bound: noException,
        moments: [{ at: first.at, label: `${deployment} has ${pods} pods` }],
        evidence: [first.version.record],
      },
    )
  }
  return undefined
}
