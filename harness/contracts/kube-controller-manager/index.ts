import type { Contract } from '../../judge/contract.ts'
import { reconciles } from './CM-01-reconciles.ts'
import { collectsGarbage } from './CM-04-collects-garbage.ts'
import { collectsOrphans } from './CM-06-collects-orphans.ts'
import { slicesFollow } from './CM-07-slices-follow.ts'

export const kubeControllerManager: readonly Contract[] = [reconciles, collectsGarbage, collectsOrphans, slicesFollow]
