import type { Contract } from '../../judge/contract.ts'
import { renewsItsLease } from './NODE-01-renews-its-lease.ts'
import { becomesUnknown } from './NODE-02-becomes-unknown.ts'
import { unreachableTaints } from './NODE-03-unreachable-taints.ts'
import { evictsAfterToleration } from './NODE-04-evicts-after-toleration.ts'
import { returnCancelsEviction } from './NODE-05-return-cancels-eviction.ts'
import { waitsForConfirmation } from './NODE-06-waits-for-confirmation.ts'
import { pacesEvictions } from './NODE-08-paces-evictions.ts'
import { lostEndpoints } from './NODE-09-lost-endpoints.ts'
import { forcesOutOfService } from './NODE-10-out-of-service.ts'

export const nodes: readonly Contract[] = [
  renewsItsLease,
  becomesUnknown,
  unreachableTaints,
  evictsAfterToleration,
  returnCancelsEviction,
  waitsForConfirmation,
  pacesEvictions,
  lostEndpoints,
  forcesOutOfService,
]
