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
  control('NET-06', sent, 'DNS omits a ready pod', network.omittedPod, 'WRONG_PODS')
  control('NET-06', sent, 'DNS returns another cluster IP', network.otherClusterIp, 'WRONG_CLUSTER_IP')
  control('NET-07', sent, 'a Node is not Ready for another reason', network.otherReason, 'OTHER_REASON')
  control('NET-07', sent, 'a pod starts at once', network.startedWithoutNetwork, 'STARTED_WITHOUT_NETWORK')
})
