import type { Contract } from '../../judge/contract.ts'
import { answeredByAll } from './answered-by-all.ts'
import { boundByScheduler } from './bound-by-scheduler.ts'
import { chainOfControllers } from './chain-of-controllers.ts'
import { deploymentStored } from './deployment-stored.ts'
import { runByKubelet } from './run-by-kubelet.ts'

export const workedExample: readonly Contract[] = [
  deploymentStored,
  chainOfControllers,
  boundByScheduler,
  runByKubelet,
  answeredByAll,
]
