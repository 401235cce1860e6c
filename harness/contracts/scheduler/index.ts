import type { Contract } from '../../judge/contract.ts'
import { assignsPods } from './SCHED-01-assigns-pods.ts'
import { singleActive } from './SCHED-14-single-active.ts'
import { waitsWithout } from './SCHED-02-pods-wait.ts'

export const scheduler: readonly Contract[] = [assignsPods, waitsWithout, singleActive]
