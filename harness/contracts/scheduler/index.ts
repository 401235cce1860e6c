import type { Contract } from '../../judge/contract.ts'
import { assignsPods } from './SCHED-01-assigns-pods.ts'
import { podsWait } from './SCHED-02-pods-wait.ts'
import { neverOvercommits } from './SCHED-03-never-overcommits.ts'
import { fitsItsNode } from './SCHED-05-fits-its-node.ts'
import { antiAffinity } from './placement/SCHED-07-anti-affinity.ts'
import { topologySpread } from './placement/SCHED-08-topology-spread.ts'
import { volumeAffinity } from './placement/SCHED-09-volume-affinity.ts'
import { requestsNotUse } from './placement/SCHED-11-requests-not-use.ts'
import { preemption } from './placement/SCHED-12-preemption.ts'
import { singleActive } from './SCHED-14-single-active.ts'

export const scheduler: readonly Contract[] = [
  assignsPods,
  podsWait,
  neverOvercommits,
  fitsItsNode,
  antiAffinity,
  topologySpread,
  volumeAffinity,
  requestsNotUse,
  preemption,
  singleActive,
]
