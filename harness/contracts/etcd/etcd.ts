import type { Contract } from '../../judge/contract.ts'
import { leaderLoss } from './leader-loss.ts'
import { partition } from './partition.ts'
import { quorumLoss } from './quorum-loss.ts'

export const etcd: readonly Contract[] = [leaderLoss, partition, quorumLoss]
