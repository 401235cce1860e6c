import type { Contract } from '../../judge/contract.ts'
import { onePodPerIdentity } from './WL-03-one-pod-per-identity.ts'
import { disruptionBudget } from './WL-08-disruption-budget.ts'
import { countsLosses } from './WL-09-counts-losses.ts'
import { drain } from './WL-10-drain.ts'

export const workloads: readonly Contract[] = [onePodPerIdentity, disruptionBudget, countsLosses, drain]
