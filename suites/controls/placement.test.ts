import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as placements from '../../harness/vitest/mutations/placements.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import placement from '../../scenarios/placement.ts'

describe.runIf(isNightly)('placement', () => {
  const placed = recording(placement)
  control('SCHED-07', placed, 'pods that exclude each other share a Node', placements.together, 'PLACED_TOGETHER')
  control('SCHED-08', placed, 'pods that must be spread share a Node', placements.crowded, 'SKEW_EXCEEDED')
  control('CP-02', placed, 'a pod is on a tainted Node', placements.onControlPlane, 'PLACED_IN_SPITE_OF_TAINT')
  control('SCHED-11', placed, 'a pod avoids a busy Node', placements.awayFromBusy, 'BUSY_NODE_AVOIDED')
  control('SCHED-12', placed, 'a victim has a higher priority', placements.importantVictim, 'VICTIM_NOT_LOWER')
})
