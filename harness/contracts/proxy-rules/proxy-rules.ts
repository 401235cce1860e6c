import type { Contract } from '../../judge/contract.ts'
import { flows } from './flows.ts'
import { follows } from './follows.ts'
import { outlive } from './outlive.ts'
import { policies } from './policies.ts'
import { repair } from './repair.ts'
import { restart } from './restart.ts'
import { sticky } from './sticky.ts'

export const proxyRules: readonly Contract[] = [follows, outlive, restart, repair, sticky, ...policies, flows]
