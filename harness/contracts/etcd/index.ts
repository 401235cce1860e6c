import type { Contract } from '../../judge/contract.ts'
import { strictSerializability } from './ETCD-01-strict-serializability.ts'
import { leaderLoss } from './ETCD-02-leader-loss.ts'
import { partition } from './ETCD-03-partition.ts'
import { quorumLoss } from './ETCD-04-quorum-loss.ts'
import { watchGuarantees } from './ETCD-05-watch-guarantees.ts'
import { compaction } from './ETCD-07-compaction.ts'
import { leaseOutlivesLeader } from './ETCD-08-lease-outlives-leader.ts'
import { sameData } from './ETCD-11-same-data.ts'

export const etcd: readonly Contract[] = [
  leaderLoss,
  partition,
  quorumLoss,
  strictSerializability,
  watchGuarantees,
  compaction,
  sameData,
  leaseOutlivesLeader,
]
