import type { Contract } from '../../judge/contract.ts'
import { reconciles } from './CM-01-reconciles.ts'
import { catchesUp } from './CM-02-catches-up.ts'
import { finishesWork } from './CM-03-finishes-work.ts'
import { collectsGarbage } from './CM-04-collects-garbage.ts'
import { finalizersPostpone } from './CM-05-finalizers-postpone.ts'
import { collectsOrphans } from './CM-06-collects-orphans.ts'
import { slicesFollow } from './CM-07-slices-follow.ts'

export const kubeControllerManager: readonly Contract[] = [
  reconciles,
  catchesUp,
  finishesWork,
  collectsGarbage,
  finalizersPostpone,
  collectsOrphans,
  slicesFollow,
]
