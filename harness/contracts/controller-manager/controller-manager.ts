import type { Contract } from '../../judge/contract.ts'
import { collectsGarbage } from './CM-04-collects-garbage.ts'
import { reconciles } from './reconciles.ts'
import { slicesFollow } from './slices-follow.ts'

export { replicaSetController } from '../kubelet/pod-requests.ts'

export const controllerManager: readonly Contract[] = [reconciles, collectsGarbage, slicesFollow]
