import type { Contract } from '../../judge/contract.ts'
import { rulesMatchServices } from './PROXY-01-rules-match-services.ts'
import { fairChoice } from './PROXY-02-fair-choice.ts'
import { outage } from './PROXY-03-outage.ts'
import { restart } from './PROXY-04-restart.ts'
import { repair } from './PROXY-05-repair.ts'
import { sessionAffinity } from './PROXY-06-session-affinity.ts'
import { externalPolicyLocal } from './PROXY-07-external-policy-local.ts'
import { terminatingEndpoints } from './PROXY-08-terminating-endpoints.ts'
import { internalPolicyLocal } from './PROXY-09-internal-policy-local.ts'
import { unreadyEndpoints } from './PROXY-10-unready-endpoints.ts'
import { udpFlows } from './PROXY-11-udp-flows.ts'

export const kubeProxy: readonly Contract[] = [
  fairChoice,
  rulesMatchServices,
  outage,
  restart,
  repair,
  sessionAffinity,
  externalPolicyLocal,
  terminatingEndpoints,
  internalPolicyLocal,
  unreadyEndpoints,
  udpFlows,
]
