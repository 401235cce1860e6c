import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { HoldfastError } from '../common/errors.ts'
import { now } from '../record/clock.ts'
import { type Component, componentsOf } from './components.ts'
import { Kubernetes } from './api/kubernetes.ts'
import type { Machine } from './machine/machine.ts'
import type { Spare } from './machine/spare.ts'
import { etcdLeader, etcdLeaderBy, etcdMembersAgree, leaseHolder, leasesRenewed } from './observe/leaders.ts'
import type { Timings } from './timings.ts'

/** A component on a machine: the target of most faults. */
export interface ComponentRef {
  readonly machine: Machine
  readonly component: Component
}

interface ClusterParts {
  readonly run: string
  readonly folder: string
  readonly kubernetes: Kubernetes
  readonly machines: readonly Machine[]
  readonly timings: Timings
  readonly spare?: Spare | undefined
}

/** A cluster that was observed to be ready. */
export class Cluster {
  readonly run: string
  /** The run's own folder: each change to the cluster is recorded there first. */
  readonly folder: string
  readonly kubernetes: Kubernetes
  /** A worker that is not among the machines and can join them. */
  readonly spare: Spare | undefined
  readonly #timings: Timings
  #machines: readonly Machine[]

  constructor({ run, folder, kubernetes, machines, timings, spare }: ClusterParts) {
    this.run = run
    this.folder = folder
    this.kubernetes = kubernetes
    this.spare = spare
    this.#timings = timings
    this.#machines = machines
  }

  /** The machines that it was booted with, and those that have joined since. */
  get machines(): readonly Machine[] {
    return this.#machines
  }

  /** Adds a machine that has joined. */
  joinedBy(machine: Machine): void {
    this.#machines = [...this.#machines, machine]
  }

  /** Removes a machine that has left. */
  leftBy({ name }: Machine): void {
    this.#machines = this.#machines.filter((machine) => machine.name !== name)
  }

  /** How long a leader election's Lease outlives its holder. */
  get leaseDurationMs(): number {
    return this.#timings.leaseDuration * 1000
  }

  get nodes(): readonly Machine[] {
    return this.machines.filter(({ node }) => node)
  }

  get workers(): readonly Machine[] {
    return this.machines.filter(({ spec }) => spec.role === 'worker')
  }

  get controlPlane(): readonly Machine[] {
    return this.machines.filter(({ spec }) => spec.role === 'control-plane')
  }

  get etcd(): readonly Machine[] {
    return this.machines.filter(({ spec }) => spec.role === 'etcd')
  }

  /** @throws HoldfastError HF_UNKNOWN_MACHINE */
  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name)
    if (found) return found
    throw new HoldfastError('HF_UNKNOWN_MACHINE', `There is no machine "${name}".`, {
      hint: `This cluster has ${this.machines.map((machine) => machine.name).join(', ')}.`,
      exitCode: 64,
    })
  }

  /** Every instance of a component. */
  all(component: Component): readonly ComponentRef[] {
    return this.machines
      .filter(({ spec }) => componentsOf(spec).includes(component))
      .map((machine) => ({ machine, component }))
  }

  /** The processes that serve as API servers: the component itself, or the process that contains it. */
  get apiServers(): readonly ComponentRef[] {
    const standalone = this.all('kube-apiserver')
    return standalone.length > 0 ? standalone : this.all('k3s-server')
  }

  /** Returns the current leader: by its Lease, or for etcd by the members' answers. */
  async leader(component: 'kube-scheduler' | 'kube-controller-manager' | 'etcd'): Promise<ComponentRef> {
    const name = component === 'etcd' ? await etcdLeader(this.etcd) : await leaseHolder(this.kubernetes, component)
    return { machine: this.machine(name), component }
  }

  /** The other instances. */
  async followers(component: 'kube-scheduler' | 'kube-controller-manager' | 'etcd'): Promise<readonly ComponentRef[]> {
    const leader = await this.leader(component)
    return this.all(component).filter(({ machine }) => machine !== leader.machine)
  }

  /** Returns the machine that a pod is bound to; undefined while it is Pending. */
  async hostOf(namespace: string, pod: string): Promise<Machine | undefined> {
    const { spec } = await this.kubernetes.read<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: pod },
    })
    return spec?.nodeName ? this.machine(spec.nodeName) : undefined
  }

  /** Returns the leader that these etcd members report; '' while they have none. @throws when none of them answers */
  leaderBy(members: readonly Machine[]): Promise<string> {
    return etcdLeaderBy(members)
  }

  /** Returns whether all etcd members follow the same leader. */
  etcdAgrees(): Promise<boolean> {
    return etcdMembersAgree(this.etcd)
  }

  /** Returns whether both elections have a holder that has renewed its Lease in time. */
  electionsHeld(): Promise<boolean> {
    return leasesRenewed(this.kubernetes, this.leaseDurationMs)
  }

  /** Resolves when an API server commits a write. A dry run would not reach etcd, so it sets an annotation of Holdfast's. */
  async probeWrite(): Promise<boolean> {
    const metadata = { name: 'default', annotations: { 'holdfast/writable-at': String(now()) } }
    await this.kubernetes.merge({ apiVersion: 'v1', kind: 'Namespace', metadata })
    return true
  }

  /** The same through each API server by itself. */
  async probeWriteThroughAll(): Promise<boolean> {
    const metadata = { name: 'default', annotations: { 'holdfast/writable-at': String(now()) } }
    const each = this.kubernetes.servers.map((server) => new Kubernetes([server]))
    await Promise.all(each.map((one) => one.merge({ apiVersion: 'v1', kind: 'Namespace', metadata })))
    return true
  }

  /** Returns whether its Node has the taint for unreachable Nodes, which evicts pods. */
  async isTaintedUnreachable({ name }: Machine): Promise<boolean> {
    const { spec } = await this.kubernetes.read<V1Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
    const taints = spec?.taints ?? []
    return taints.some(({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute')
  }

  async nodeReady({ name }: Machine): Promise<boolean> {
    const { status } = await this.kubernetes.read<V1Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
    return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
  }
}
