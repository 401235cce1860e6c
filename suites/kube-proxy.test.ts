import { contract, recording } from '../harness/vitest/contract.ts'
import workedExample from '../scenarios/worked-example.ts'
import killScheduler from '../scenarios/kill-scheduler.ts'
import partitionEtcd from '../scenarios/partition-etcd.ts'
import drainNode from '../scenarios/drain-node.ts'
import kubeProxyRules from '../scenarios/kube-proxy-rules.ts'

/* Every machine spreads connections evenly over the replicas, and its rules do what Services ask, whatever becomes of kube-proxy. */

const workedExampleRun = recording(workedExample)
contract('PROXY-01', workedExampleRun)
contract('PROXY-02', workedExampleRun)

const killSchedulerRun = recording(killScheduler)
contract('PROXY-01', killSchedulerRun)
contract('PROXY-02', killSchedulerRun)

const partitionEtcdRun = recording(partitionEtcd)
contract('PROXY-02', partitionEtcdRun)

const drainNodeRun = recording(drainNode)
contract('PROXY-01', drainNodeRun)
contract('PROXY-02', drainNodeRun)

const kubeProxyRulesRun = recording(kubeProxyRules)
contract('PROXY-01', kubeProxyRulesRun)
contract('PROXY-02', kubeProxyRulesRun)
contract('PROXY-03', kubeProxyRulesRun)
contract('PROXY-04', kubeProxyRulesRun)
contract('PROXY-05', kubeProxyRulesRun)
contract('PROXY-06', kubeProxyRulesRun)
contract('PROXY-07', kubeProxyRulesRun)
contract('PROXY-08', kubeProxyRulesRun)
contract('PROXY-09', kubeProxyRulesRun)
contract('PROXY-10', kubeProxyRulesRun)
contract('PROXY-11', kubeProxyRulesRun)
