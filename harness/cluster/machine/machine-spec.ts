import type { Component } from '../../common/component.ts'
import type { MachinePlan } from '../topology.ts'

/** The components that run inside another process, each with a sentence that names it. */
export type EmbeddedComponents = Readonly<Partial<Record<Component, string>>>

/** A planned machine with its fixed addresses, which survive restarts. */
export interface MachineSpec extends MachinePlan {
  readonly address: string
  /** Address on the network of the etcd members. */
  readonly peerAddress?: string
  /** Range of this machine's pods, if it is a Node. */
  readonly podRange?: string
  /** Its supervised processes. */
  readonly components: readonly Component[]
  readonly embedded: EmbeddedComponents
}

/** Every machine but an etcd one is a Node: a control-plane machine runs kubelet and kube-proxy too. */
export function isNode(machine: MachinePlan): boolean {
  return machine.role !== 'etcd'
}

/** These exist inside a cluster's machines only, so every cluster can use the same ones. */
export const podNetwork = { prefix: '10.244', cidr: '10.244.0.0/16' } as const
export const serviceNetwork = { cidr: '10.96.0.0/16', apiServer: '10.96.0.1', dns: '10.96.0.10' } as const
