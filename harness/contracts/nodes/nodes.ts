import type { Contract } from '../../judge/contract.ts'
import { lostNodeEndpoints } from './lost-node-endpoints.ts'
import { nodeBecomesUnknown } from './node-becomes-unknown.ts'
import { unreachableTaints } from './unreachable-taints.ts'

export const nodes: readonly Contract[] = [nodeBecomesUnknown, unreachableTaints, lostNodeEndpoints]
