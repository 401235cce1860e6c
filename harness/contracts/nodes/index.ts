import type { Contract } from '../../judge/contract.ts'
import { lostNodeEndpoints } from './NODE-09-lost-endpoints.ts'
import { nodeBecomesUnknown } from './NODE-02-becomes-unknown.ts'
import { unreachableTaints } from './NODE-03-unreachable-taints.ts'

export const nodes: readonly Contract[] = [nodeBecomesUnknown, unreachableTaints, lostNodeEndpoints]
