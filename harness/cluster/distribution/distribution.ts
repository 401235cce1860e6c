import type { KubernetesObject } from '@kubernetes/client-node'
import type { Component } from '../components.ts'
import type { Machine } from '../machine.ts'
import type { MachineSpec } from '../machine-spec.ts'
import type { Timings } from '../timings.ts'
import type { Role } from '../topology.ts'
import type { MachineFile } from './files.ts'

export type Manifest = KubernetesObject & Record<string, unknown>

export type DistributionName = 'upstream' | 'k3s'
export type ProxyMode = 'iptables' | 'nftables'

/** What a cluster may be asked to be like, whatever it is made from. */
export interface ClusterOptions {
  readonly timings: Timings
  readonly proxyMode: ProxyMode
  /** Off only to show that the judges notice: two active schedulers at once. */
  readonly schedulerLeaderElection: boolean
}

/**
 * Where machines come from. Everything that differs between one Kubernetes and another is behind this; from a machine on
 * they are the same: a container with a supervisor, and our agent in its process and network namespaces.
 */
export interface Distribution {
  readonly name: DistributionName
  /** What it is made from, for the record. */
  readonly image: string
  readonly versions: Readonly<Record<string, string>>
  /** The processes that are supervised on a machine of this role: what can be killed, stopped and frozen by itself. */
  componentsOf(role: Role): readonly Component[]
  /** The components that run there inside another process, each with the sentence that says in which. */
  within(role: Role): Within
  /** Makes everything that one cluster's machines need to know of each other. */
  prepare(machines: readonly MachineSpec[], options: ClusterOptions): Promise<PreparedCluster>
}

export type Within = Readonly<Partial<Record<Component, string>>>

export interface PreparedCluster {
  machine(machine: MachineSpec): MachineParts
  /** The administrator's, for one API server's URL. */
  kubeconfig(server: string): string
  /** What the cluster is to hold beside what every one holds, from the first moment on. */
  readonly objects?: readonly Manifest[]
  /** What a boot starts itself, and when. Default: what `afterApiServer` says. */
  readonly holds?: readonly Hold[]
  /** How often an API server that starts is asked whether it is ready. Default: what `eventually` does. */
  readonly askEveryMs?: number
}

/**
 * Components that a boot holds back where they would only wait for a fact, and look for it so seldom by themselves that most of the
 * wait is after it has come true.
 */
export interface Hold {
  readonly component: Component
  readonly machines: readonly string[]
  /** The fact in words, for the one who waits too long. */
  readonly until: string
  /** It can't be so before the first API server is ready. */
  readonly afterApiServer?: boolean
  /** False, or a rejection, while it is not so. */
  readonly open: (starting: Starting) => Promise<boolean>
}

/** A cluster that is not up yet. */
export interface Starting {
  /** Once it is started. */
  readonly machine: (name: string) => Promise<Machine>
  /** Where a control-plane machine's API server is to answer, from here. */
  readonly url: (machine: string) => string
}

/** What a machine's container is made of, and the one beside it where the image has no place for our agent. */
export interface MachineParts extends ContainerParts {
  /** Anonymous volumes: overlay mounts need a real file system below, and etcd's data should not go through one. */
  readonly volumes: readonly string[]
  readonly sidecar?: ContainerParts
}

export interface ContainerParts {
  readonly image: string
  readonly files: readonly MachineFile[]
}
