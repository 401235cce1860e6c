import type { Contract } from '../../judge/contract.ts'
import { assignsPods } from './assigns-pods.ts'
import { singleActive } from './single-active.ts'
import { waitsWithout } from './waits-without.ts'

export const scheduler: readonly Contract[] = [assignsPods, waitsWithout, singleActive]
