import type { Contract } from '../../judge/contract.ts'
import { noLostUpdate } from './API-02-no-lost-update.ts'
import { consistentReads } from './API-03-consistent-reads.ts'
import { completeWatches } from './API-04-complete-watches.ts'
import { expiredVersions } from './API-05-expired-versions.ts'
import { bookmarks } from './API-06-bookmarks.ts'
import { listSnapshots } from './API-07-list-snapshots.ts'
import { worksWithoutApi } from './API-08-works-without-api.ts'
import { uniqueClusterIps } from './API-12-unique-cluster-ips.ts'
import { timelyWatches } from './API-16-timely-watches.ts'
import { singleFrontDoor } from './access/API-01-single-front-door.ts'
import { admissionFailsClosed } from './access/API-13-admission-fails-closed.ts'
import { nodeRestriction } from './access/API-14-node-restriction.ts'
import { addressLeaves } from './endpoints/API-09-address-leaves.ts'
import { eachServerWritable } from './API-17-each-server-writable.ts'

export const kubeApiserver: readonly Contract[] = [
  worksWithoutApi,
  timelyWatches,
  eachServerWritable,
  noLostUpdate,
  consistentReads,
  completeWatches,
  bookmarks,
  expiredVersions,
  listSnapshots,
  uniqueClusterIps,
  addressLeaves,
  nodeRestriction,
  singleFrontDoor,
  admissionFailsClosed,
]
