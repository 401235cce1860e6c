import type { Contract } from '../../judge/contract.ts'
import { lostNodeEndpoints } from './lost-node-endpoints.ts'
import { renewsItsLease } from './NODE-01-renews-its-lease.ts'
import { nodeBecomesUnknown } from './node-becomes-unknown.ts'
import { unreachableTaints } from './unreachable-taints.ts'

export const nodes: readonly Contract[] = [renewsItsLease, nodeBecomesUnknown, unreachableTaints, lostNodeEndpoints]
