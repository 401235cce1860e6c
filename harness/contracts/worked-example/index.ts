import type { Contract } from '../../judge/contract.ts'
import { deploymentStored } from './FLOW-01-deployment-stored.ts'
import { chainOfControllers } from './FLOW-02-chain-of-controllers.ts'
import { boundByScheduler } from './FLOW-03-bound-by-scheduler.ts'
import { runByKubelet } from './FLOW-04-run-by-kubelet.ts'
import { answeredByAll } from './FLOW-05-answered-by-all.ts'

export const workedExample: readonly Contract[] = [
  deploymentStored,
  chainOfControllers,
  boundByScheduler,
  runByKubelet,
  answeredByAll,
]
