import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as nodes from '../../harness/vitest/mutations/silent-nodes.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import silentNode from '../../scenarios/silent-node.ts'

/* Negative controls on the recording of a scenario that only the nightly run records. */

describe.runIf(isNightly)('silent-node', () => {
  const silent = recording(silentNode)
  control('NODE-04', silent, 'pods tolerated the taint for longer', nodes.longerTolerations, 'EVICTED_EARLY')
  control('NODE-05', silent, 'a pod is evicted after the return', nodes.evictedAfterReturn, 'EVICTED_AFTER_RETURN')
  control('NODE-06', silent, 'a controller removes an evicted pod', nodes.removedByController, 'REMOVED_UNCONFIRMED')
  control('NODE-08', silent, 'Nodes are tainted at once', nodes.hurriedTaints, 'EVICTED_AT_ONCE')
  control('NODE-10', silent, 'pods of a Node out of service stay', nodes.keptOutOfService, [
    'NOT_FORCED',
    'FORCED_LATE',
  ])
  control('CM-06', silent, 'orphans are not marked as failed', nodes.unmarkedOrphans, 'NOT_MARKED')
  control('KLET-05', silent, 'a container ends without a kubelet', nodes.endedWithKubelet, 'CONTAINER_ENDED')
})
