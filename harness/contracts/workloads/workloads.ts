import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { drain } from './drain.ts'
import { disruptionBudget } from './disruption-budget.ts'

export const workloads: readonly Contract[] = [disruptionBudget, drain]
