import type { Contract } from '../../judge/contract.ts'
import { podsReachPods } from './NET-01-pods-reach-pods.ts'
import { nodesReachTheirPods } from './NET-02-nodes-reach-their-pods.ts'
import { networkReturns } from './NET-04-network-returns.ts'
import { namesResolve } from './NET-06-names-resolve.ts'
import { waitsForNetwork } from './NET-07-waits-for-network.ts'

export const podNetwork: readonly Contract[] = [
  podsReachPods,
  nodesReachTheirPods,
  networkReturns,
  namesResolve,
  waitsForNetwork,
]
