import type { Component } from '../components.ts'
import type { Distribution, Within } from '../distribution/distribution.ts'
import type { Subnets } from './subnets.ts'
import type { MachinePlan, Topology } from '../topology.ts'

/** A planned machine with its fixed addresses, which survive restarts. */
export interface MachineSpec extends MachinePlan {
  readonly address: string
  /** Address on the network of the etcd members. */
  readonly peerAddress?: string
  /** Range of this machine's pods, if it is a Node. */
  readonly podRange?: string
  /** Its supervised processes. */
  readonly components: readonly Component[]
  /** The components that are part of another process there. */
  readonly within: Within
}

/** Every machine but an etcd one is a Node: a control-plane machine runs kubelet and kube-proxy too. */
export function isNode(machine: MachinePlan): boolean {
  return machine.role !== 'etcd'
}

export function specs(
  topology: Topology,
  subnets: Subnets,
  distribution: Pick<Distribution, 'componentsOf' | 'within'>,
): MachineSpec[] {
  return topology.machines.map((plan) => {
    const host = plan.index + 10
    return {
      ...plan,
      address: `${subnets.cluster.prefix}.${host}`,
      components: distribution.componentsOf(plan.role),
      within: distribution.within(plan.role),
      ...(plan.role === 'etcd' ? { peerAddress: `${subnets.peers.prefix}.${host}` } : {}),
      ...(isNode(plan) ? { podRange: `${podNetwork.prefix}.${plan.index}.0/24` } : {}),
    }
  })
}

/** These exist inside a cluster's machines only, so every cluster can use the same ones. */
export const podNetwork = { prefix: '10.244', cidr: '10.244.0.0/16' } as const
export const serviceNetwork = { cidr: '10.96.0.0/16', apiServer: '10.96.0.1', dns: '10.96.0.10' } as const
