import type { Contract } from '../../judge/contract.ts'
import { leaderLoss } from './ETCD-02-leader-loss.ts'
import { partition } from './ETCD-03-partition.ts'
import { quorumLoss } from './ETCD-04-quorum-loss.ts'

export const etcd: readonly Contract[] = [leaderLoss, partition, quorumLoss]
