import type { Contract } from '../../judge/contract.ts'
import { rolloutsWithinLimits } from './WL-01-rollout-limits.ts'
import { progressDeadline } from './WL-02-progress-deadline.ts'
import { onePodPerIdentity } from './stateful-sets/WL-03-one-pod-per-identity.ts'
import { orderedPods } from './stateful-sets/WL-04-ordered-pods.ts'
import { partitionedUpdate } from './stateful-sets/WL-05-partitioned-update.ts'
import { jobCompletions } from './WL-07-job-completions.ts'
import { disruptionBudget } from './WL-08-disruption-budget.ts'
import { countsLosses } from './WL-09-counts-losses.ts'
import { drain } from './WL-10-drain.ts'

export const workloads: readonly Contract[] = [
  rolloutsWithinLimits,
  progressDeadline,
  onePodPerIdentity,
  orderedPods,
  partitionedUpdate,
  jobCompletions,
  disruptionBudget,
  countsLosses,
  drain,
]
