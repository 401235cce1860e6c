import type { Scenario } from '../harness/run/scenario.ts'
import consistency from './consistency.ts'
import drainNode from './drain-node.ts'
import killScheduler from './kill-scheduler.ts'
import kubeProxyRules from './kube-proxy-rules.ts'
import partitionEtcd from './partition-etcd.ts'
import restartKubelet from './restart-kubelet.ts'
import workedExample from './worked-example.ts'

/** Every scenario by name, in the order of a full run. The one that loses a machine permanently is last. */
export const scenarios: ReadonlyMap<string, Scenario> = new Map(
  [workedExample, killScheduler, partitionEtcd, consistency, kubeProxyRules, restartKubelet, drainNode].map(
    (scenario) => [scenario.name, scenario],
  ),
)
