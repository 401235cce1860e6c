import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import * as network from '../../harness/vitest/mutations/pod-network.ts'
import podNetwork from '../../scenarios/pod-network.ts'

describe.runIf(isNightly)('pod-network', () => {
  const sent = recording(podNetwork)
  control('NET-01', sent, 'a pod receives the address of a Node', network.translatedSender, 'SENDER_CHANGED')
  control('NET-01', sent, 'large packets are lost', network.lostLargePackets, ['UNAVAILABLE', 'TRIES_FAILED'])
  control('NET-02', sent, 'a machine loses its own pod', network.unreachedOwnPod, ['UNAVAILABLE', 'TRIES_FAILED'])
  control('NET-04', sent, 'a partition lasts', network.lastingPartition, 'NOT_RESTORED')
})
