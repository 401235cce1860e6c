import type { Contract } from '../../judge/contract.ts'
import { flows } from './PROXY-11-udp-flows.ts'
import { follows } from './PROXY-01-rules-follow.ts'
import { outlive } from './PROXY-03-outage.ts'
import { policies } from './PROXY-07-external-policy-local.ts'
import { repair } from './PROXY-05-repair.ts'
import { restart } from './PROXY-04-restart.ts'
import { sticky } from './PROXY-06-session-affinity.ts'

export const proxyRules: readonly Contract[] = [follows, outlive, restart, repair, sticky, ...policies, flows]
