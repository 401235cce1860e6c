import type { Contract } from '../../judge/contract.ts'
import { assignsPods } from './assigns-pods.ts'
import { neverOvercommits } from './SCHED-03-never-overcommits.ts'
import { fitsItsNode } from './SCHED-05-fits-its-node.ts'
import { singleActive } from './single-active.ts'
import { waitsWithout } from './waits-without.ts'

export const scheduler: readonly Contract[] = [assignsPods, waitsWithout, neverOvercommits, fitsItsNode, singleActive]
