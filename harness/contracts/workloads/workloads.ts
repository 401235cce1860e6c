import type { Contract } from '../../judge/contract.ts'
import { countsLosses } from './WL-09-counts-losses.ts'
import { drain } from './drain.ts'
import { disruptionBudget } from './disruption-budget.ts'

export const workloads: readonly Contract[] = [disruptionBudget, countsLosses, drain]
