import type { OutsideClient } from '../../harness/cluster/api/outside-client.ts'
import type { Machine } from '../../harness/cluster/machine/machine.ts'
import { refuseEmbedded } from '../../harness/faults/process/component-process.ts'
import type { ScenarioContext } from '../../harness/run/scenario.ts'
import type { Services } from './service-kinds.ts'

/** What every part of the scenario uses. */
export interface RulesContext extends ScenarioContext, Machines {
  readonly services: Services
  /** A client outside of the cluster. */
  readonly client: OutsideClient
}

interface Machines {
  /** The worker whose kube-proxy is killed and loses its rules. */
  readonly struck: Machine
  /** Another worker. */
  readonly sender: Machine
  everyNode(act: (node: Machine) => Promise<unknown>): Promise<unknown>
  /** Returns a machine that can send packets to this one. */
  otherThan(node: Machine): Machine
}

/** Chooses the machines. @throws HoldfastError where kube-proxy can't be killed separately */
export function chooseMachines({ cluster, choose }: ScenarioContext): Machines {
  const struck = choose(cluster.workers)
  // A component embedded in another process can't be killed separately: refuse before the first step.
  refuseEmbedded({ machine: struck, component: 'kube-proxy' })
  const [sender] = cluster.workers.filter((machine) => machine !== struck)
  const [observer] = cluster.controlPlane
  if (!sender || !observer) throw new Error('the scenario needs a control-plane machine and two workers')
  return {
    struck,
    sender,
    everyNode: (act) => Promise.all(cluster.nodes.map(act)),
    otherThan: (node) => (node === observer ? sender : observer),
  }
}
