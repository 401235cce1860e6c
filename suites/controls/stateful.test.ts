import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as sets from '../../harness/vitest/mutations/stateful.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import stateful from '../../scenarios/stateful.ts'

describe.runIf(isNightly)('stateful', () => {
  const recorded = recording(stateful)
  control('WL-03', recorded, 'a name runs on two Nodes', sets.sharedIdentity, 'IDENTITY_SHARED')
  control('WL-04', recorded, 'the first pod is never Ready', sets.unreadyFirstPod, 'CREATED_OUT_OF_ORDER')
  control('WL-04', recorded, 'the last pod outlives a scale-down', sets.lastPodStays, 'DELETED_OUT_OF_ORDER')
  control('WL-05', recorded, 'a pod below the partition is updated', sets.updatedBelow, 'UPDATED_BELOW_PARTITION')
  control('SCHED-09', recorded, 'a volume is on another Node', sets.movedVolumes, 'PLACED_AWAY_FROM_VOLUME')
})
