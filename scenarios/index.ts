import type { Scenario } from '../harness/run/scenario.ts'
import apiRolling from './api-rolling.ts'
import consistency from './consistency.ts'
import controlPlaneOff from './control-plane-off.ts'
import controllerCrash from './controller-crash.ts'
import drainNode from './drain-node.ts'
import killScheduler from './kill-scheduler.ts'
import kubeProxyRules from './kube-proxy-rules.ts'
import partitionEtcd from './partition-etcd.ts'
import placement from './placement.ts'
import podNetwork from './pod-network.ts'
import restartKubelet from './restart-kubelet.ts'
import silentNode from './silent-node.ts'
import stateful from './stateful.ts'
import workedExample from './worked-example.ts'

/** The scenarios of a run without arguments, in its order. The one that loses a machine permanently is last. */
export const defaultScenarios: readonly Scenario[] = [
  workedExample,
  killScheduler,
  partitionEtcd,
  consistency,
  kubeProxyRules,
  restartKubelet,
  drainNode,
]

/** The scenarios that only `all`, their name and the nightly run select. */
const furtherScenarios: readonly Scenario[] = [
  podNetwork,
  placement,
  apiRolling,
  controlPlaneOff,
  stateful,
  controllerCrash,
  silentNode,
]

/** Every scenario by name, in the order of a full run. */
export const scenarios: ReadonlyMap<string, Scenario> = new Map(
  [...furtherScenarios, ...defaultScenarios].map((scenario) => [scenario.name, scenario]),
)
