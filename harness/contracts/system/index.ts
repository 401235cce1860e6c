import type { Contract } from '../../judge/contract.ts'
import { controlPlaneNodes } from './CP-01-control-plane-nodes.ts'
import { controlPlaneTaint } from './CP-02-control-plane-taint.ts'
import { nothingElseDown } from './SYS-01-nothing-else-down.ts'
import { settingsStay } from './SYS-02-settings-stay.ts'
import { saneBounds } from './SYS-03-sane-bounds.ts'

export const system: readonly Contract[] = [
  saneBounds,
  nothingElseDown,
  settingsStay,
  controlPlaneNodes,
  controlPlaneTaint,
]
