import type { Contract } from '../../judge/contract.ts'
import { renewsItsLease } from './NODE-01-renews-its-lease.ts'
import { becomesUnknown } from './NODE-02-becomes-unknown.ts'
import { unreachableTaints } from './NODE-03-unreachable-taints.ts'
import { lostEndpoints } from './NODE-09-lost-endpoints.ts'

export const nodes: readonly Contract[] = [renewsItsLease, becomesUnknown, unreachableTaints, lostEndpoints]
