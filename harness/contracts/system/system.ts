import type { Contract } from '../../judge/contract.ts'
import { controlPlaneNodes } from './control-plane-nodes.ts'
import { nothingElseDown } from './nothing-else-down.ts'
import { settingsStay } from './settings-stay.ts'

export const system: readonly Contract[] = [nothingElseDown, settingsStay, controlPlaneNodes]
