import type { Contract } from '../../judge/contract.ts'
import { podsReachPods } from './NET-01-pods-reach-pods.ts'
import { nodesReachTheirPods } from './NET-02-nodes-reach-their-pods.ts'
import { networkReturns } from './NET-04-network-returns.ts'

export const podNetwork: readonly Contract[] = [podsReachPods, nodesReachTheirPods, networkReturns]
