import type { Distribution } from '../distribution/distribution.ts'
import type { Topology } from '../topology.ts'
import { isNode, type MachineSpec, podNetwork } from './machine-spec.ts'
import type { Subnets } from './subnets.ts'

/** Gives every planned machine its addresses and components. */
export function specs(
  topology: Topology,
  subnets: Subnets,
  distribution: Pick<Distribution, 'componentsOf' | 'embedded'>,
): MachineSpec[] {
  return topology.machines.map((plan) => {
    const host = plan.index + 10
    return {
      ...plan,
      address: `${subnets.cluster.prefix}.${host}`,
      components: distribution.componentsOf(plan.role),
      embedded: distribution.embedded(plan.role),
      ...(plan.role === 'etcd' ? { peerAddress: `${subnets.peers.prefix}.${host}` } : {}),
      ...(isNode(plan) ? { podRange: `${podNetwork.prefix}.${plan.index}.0/24` } : {}),
    }
  })
}
