import type { Contract } from '../../judge/contract.ts'
import { clusterIps } from './addresses.ts'
import { compactions, gone } from './gone.ts'
import { memberContents } from './members.ts'
import { pages } from './pages.ts'
import { podIps } from './pod-addresses.ts'
import { reads, serializability } from './reads.ts'
import { updates } from './updates.ts'
import { etcdWatches, watches } from './watches.ts'

/* What clients observe of the store, compared with all operations that were sent to it. */

export const apiConsistency: readonly Contract[] = [...updates, ...reads, ...watches, ...gone, ...pages, ...clusterIps]
export const etcdConsistency: readonly Contract[] = [
  ...serializability,
  ...etcdWatches,
  ...compactions,
  ...memberContents,
]
export const podAddresses: readonly Contract[] = podIps
