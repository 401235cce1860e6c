import { contract, recording } from '../harness/vitest/contract.ts'
import drainNode from '../scenarios/drain-node.ts'
import killScheduler from '../scenarios/kill-scheduler.ts'
import kubeProxyRules from '../scenarios/kube-proxy-rules.ts'

/* A pod that is told to stop gets no more work; one that lives has an address of its own. */

const drainNodeRun = recording(drainNode)
contract('KLET-07', drainNodeRun)
contract('NET-05', drainNodeRun)

const killSchedulerRun = recording(killScheduler)
contract('NET-05', killSchedulerRun)

const kubeProxyRulesRun = recording(kubeProxyRules)
contract('NET-05', kubeProxyRulesRun)
