import { podCounts, podsOwnedBy, setsOf } from '../../judge/cluster/pod-counts.ts'
import { rolloutLimits } from '../../judge/cluster/rollouts.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { noException, reconcile, watchDelayMs } from '../bounds.ts'
import { removalBelow } from './removals-below.ts'
import { type StuckRollout, stuckRollouts } from './stuck-rollouts.ts'

interface Reported {
  readonly deployment: string
  readonly afterMs: number
  readonly deadlineMs: number
}

const found = findings({
  NOT_REPORTED: ({ deployment, afterMs }: Reported) =>
    `The rollout of ${deployment} made no progress for ${duration(afterMs)}, and its status never reported that.`,
  REPORTED_LATE: ({ deployment, afterMs }: Reported) =>
    `The status of ${deployment} reported the passed deadline ${duration(afterMs)} after the last progress.`,
  REPORTED_EARLY: ({ deployment, afterMs, deadlineMs }: Reported) =>
    `The status of ${deployment} reported the passed deadline ${duration(afterMs)} after the last progress; the deadline is ${duration(deadlineMs)}.`,
  ROLLED_BACK: ({ deployment, set }: { readonly deployment: string; readonly set: string }) =>
    `After the deadline of ${deployment} the controller scaled the old ReplicaSet ${set} up.`,
  OLD_PODS_REMOVED: ({ deployment, pod, available, limit }: Removed) =>
    `The controller removed ${pod} of the stuck rollout of ${deployment}, and ${counted(available, 'pod')} stayed available; the strategy requires ${limit}.`,
  REPORTED: ({ deployment, afterMs, rollouts }: Reported & { readonly rollouts: number }) =>
    `${counted(rollouts, 'stuck rollout')} reported and not rolled back: ${deployment} ${duration(afterMs)} after its last progress.`,
})

interface Removed {
  readonly deployment: string
  readonly pod: string
  readonly available: number
  readonly limit: number
}

/** The controller rounds its times to seconds and checks a second after the deadline. */
const roundingMs = 1_000
const allowanceMs = roundingMs + reconcile.limit

/** WL-02 */
export const progressDeadline = defineContract<StuckRollout>({
  id: 'WL-02',
  area: 'workloads',
  promise:
    'The status of a Deployment reports a rollout without progress for progressDeadlineSeconds, and the controller does not roll it back.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment',
  stimulus: {
    needs: 'a rollout without progress for the progressDeadlineSeconds of its Deployment',
    find: (recording) => stuckRollouts(recording, allowanceMs),
  },
  judge: (recording, all) => gravest(all, (one) => judged(recording, one, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, NOT_AUDITED */
function judged(recording: Recording, stuck: StuckRollout, count: number): Finding {
  const { rollout, progress } = stuck
  for (const resource of ['deployments', 'replicasets', 'pods'] as const) {
    requireWatched(recording, resource, progress.at, rollout.until)
  }
  const breach = firstBreach(
    () => rolledBack(recording, stuck),
    () => oldPodsRemoved(recording, stuck),
  )
  return breach ?? reportedInTime(stuck, count)
}

const nameOf = ({ rollout }: StuckRollout): string => `${rollout.life.namespace}/${rollout.life.name}`

/** During a rollout the controller scales only the newest ReplicaSet up. */
function rolledBack(recording: Recording, stuck: StuckRollout): Finding | undefined {
  const { rollout, reported } = stuck
  const since = reported?.at ?? Infinity
  const sets = setsOf(recording, rollout.life.uid).toSorted((a, b) => a.bornAt - b.bornAt)
  for (const set of sets.filter(({ bornAt }) => bornAt < rollout.from)) {
    const more = set.versions.find(({ at, object }, n) => {
      const previous = set.versions[n - 1]?.object.spec.replicas ?? object.spec.replicas
      return since <= at && at < rollout.until && object.spec.replicas > previous
    })
    if (!more) continue
    const details = { observed: 'an old ReplicaSet scaled up', bound: noException, evidence: [more.record] }
    return found.fail('ROLLED_BACK', { deployment: nameOf(stuck), set: set.name }, details)
  }
  return undefined
}

function oldPodsRemoved(recording: Recording, stuck: StuckRollout): Finding | undefined {
  const { life, begun, from, until } = stuck.rollout
  const { replicas } = begun.object.spec
  const limit = replicas - rolloutLimits(begun.object.spec).fewer
  const sets = new Set(setsOf(recording, life.uid).map(({ uid }) => uid))
  const counts = podCounts(podsOwnedBy(recording, sets)).filter(({ at }) => from < at && at < until)
  const removal = removalBelow(recording, counts, limit)
  if (!removal) return undefined
  const { available, version } = removal
  const values = { deployment: nameOf(stuck), pod: removal.life.name, available, limit }
  const details = { observed: `${available} available of at least ${limit}`, bound: noException }
  return found.fail('OLD_PODS_REMOVED', values, { ...details, evidence: [version.record] })
}

function reportedInTime(stuck: StuckRollout, rollouts: number): Finding {
  const { progress, reported, deadlineMs, afterMs } = stuck
  const bound = deadline(deadlineMs)
  const values = { deployment: nameOf(stuck), afterMs, deadlineMs }
  const evidence = [progress.record, ...(reported ? [reported.record] : [])]
  const observed = `reported ${duration(afterMs)} after the last progress`
  if (!reported)
    return found.fail('NOT_REPORTED', values, { observed: 'not reported', measured: afterMs, bound, evidence })
  if (afterMs < deadlineMs - roundingMs - watchDelayMs) {
    return found.fail('REPORTED_EARLY', values, { observed, measured: afterMs, bound, evidence })
  }
  const codes = { pass: 'REPORTED', late: 'REPORTED_LATE' } as const
  return found.timed(codes, { ...values, rollouts }, afterMs, bound, { observed, evidence })
}

function deadline(deadlineMs: number): Bound {
  return {
    limit: deadlineMs + allowanceMs,
    unit: 'ms',
    source: `progressDeadlineSeconds ${duration(deadlineMs)} + ${duration(roundingMs)} by which the controller rounds + ${reconcile.source}`,
  }
}
