import type { KubernetesObject } from '@kubernetes/client-node'
import type { Component } from '../../common/component.ts'
import type { Machine } from '../machine/machine.ts'
import type { MachineSpec, EmbeddedComponents } from '../machine/machine-spec.ts'
import type { Timings } from '../timings.ts'
import type { Role } from '../topology.ts'
import type { MachineFile } from './files.ts'

export type Manifest = KubernetesObject & Record<string, unknown>

export type DistributionName = 'upstream' | 'k3s'
export type ProxyMode = 'iptables' | 'nftables'

/** The options of a cluster, on any distribution. */
export interface ClusterOptions {
  readonly timings: Timings
  readonly proxyMode: ProxyMode
  /** Off only to show that contracts detect it: two active schedulers at once. */
  readonly schedulerLeaderElection: boolean
}

/**
 * Where machines come from. It hides everything that differs between Kubernetes distributions. Above it, all machines are
 * the same: a container with a supervisor, and Holdfast's agent in its process and network namespaces.
 */
export interface Distribution {
  readonly name: DistributionName
  /** The image that it is made from, for the journal. */
  readonly image: string
  readonly versions: Readonly<Record<string, string>>
  /** The supervised processes on a machine of this role: each can be killed, stopped and frozen by itself. */
  componentsOf(role: Role): readonly Component[]
  embedded(role: Role): EmbeddedComponents
  /** Makes everything that the machines of one cluster need from each other. */
  prepare(machines: readonly MachineSpec[], options: ClusterOptions): Promise<PreparedCluster>
}

export interface PreparedCluster {
  machine(machine: MachineSpec): MachineParts
  /** The administrator's kubeconfig, for one API server's URL. */
  kubeconfig(server: string): string
  /** The objects that this cluster has from the start, in addition to those of every cluster. */
  readonly objects?: readonly Manifest[]
  /** The components that a boot starts, and when. Default: those of `afterApiServer`. */
  readonly startGates?: readonly StartGate[]
  /** How often the boot checks whether a starting API server is ready. Default: that of `eventually`. */
  readonly pollIntervalMs?: number
}

/**
 * A component that a boot holds back. By itself it would wait for a fact and check it so rarely that most of the wait comes
 * after the fact is true.
 */
export interface StartGate {
  readonly component: Component
  readonly machines: readonly string[]
  /** The fact in words, for the error of a wait that takes too long. */
  readonly until: string
  /** True when the fact can't be true before the first API server is ready. */
  readonly afterApiServer?: boolean
  /** False, or a rejection, while the fact is not true. */
  readonly open: (starting: Starting) => Promise<boolean>
}

/** A cluster that is starting. */
export interface Starting {
  /** Resolves once the machine is started. */
  readonly machine: (name: string) => Promise<Machine>
  /** URL of a control-plane machine's API server, from the harness. */
  readonly url: (machine: string) => string
}

/** What a machine's container is made of, and its sidecar where the image has no place for the agent. */
export interface MachineParts extends ContainerParts {
  /** Anonymous volumes: overlay mounts need a real file system below, and etcd's data should not go through one. */
  readonly volumes: readonly string[]
  readonly sidecar?: ContainerParts
}

export interface ContainerParts {
  readonly image: string
  readonly files: readonly MachineFile[]
}
