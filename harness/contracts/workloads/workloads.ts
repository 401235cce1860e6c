import type { Contract } from '../../judge/contract.ts'
import { drain } from './drain.ts'
import { disruptionBudget } from './disruption-budget.ts'

export const workloads: readonly Contract[] = [disruptionBudget, drain]
