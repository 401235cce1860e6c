import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as rolling from '../../harness/vitest/mutations/rolling.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import apiRolling from '../../scenarios/api-rolling.ts'

describe.runIf(isNightly)('api-rolling', () => {
  const rolled = recording(apiRolling)
  control('API-01', rolled, 'a kubelet is a client of etcd', rolling.kubeletOnEtcd, 'FOREIGN_CLIENT')
  control('API-01', rolled, 'a change has no request', rolling.deletionWithoutRequest, 'CHANGE_NOT_AUDITED')
  control('API-09', rolled, 'the address of an ended API server stays', rolling.keptAddresses, 'STILL_LISTED')
  control('API-13', rolled, 'a write is not validated', rolling.unvalidatedWrite, 'ADMITTED_UNVALIDATED')
  control('API-14', rolled, 'a kubelet may change another Node', rolling.grantedForeignChange, 'FOREIGN_CHANGE_GRANTED')
  control('ETCD-08', rolled, 'a lease expires early', rolling.earlyExpiry, 'LEASE_EXPIRED_EARLY')
})
