import type { ComponentRef } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { addWorker } from './add-worker.ts'
import { AnyFaults } from './any-faults.ts'
import { type ApiLoad, apiFlood, eventStorm } from './api-load.ts'
import { cordon } from './cordon.ts'
import { deleteNode } from './delete-node.ts'
import { deletePods } from './delete-pods.ts'
import { crashLoopContainer, stopContainer } from './container-loop.ts'
import { killContainer, pauseContainer } from './container.ts'
import { crashLoop } from './crash-loop.ts'
import { drain } from './drain.ts'
import { EtcdSnapshot } from './etcd-snapshot.ts'
import { evict } from './evict.ts'
import type { Lease } from './fault.ts'
import { fillDisk } from './fill-disk.ts'
import { fillImageDisk } from './fill-image-disk.ts'
import type { ContainerRef } from './fault-kind.ts'
import { freezeMachine } from './freeze-machine.ts'
import { freezeView } from './freeze-view.ts'
import { hogCpu, hogMemory } from './hog.ts'
import { killMachine, powerOff } from './kill-machine.ts'
import { type DnsFailureOptions, dnsFailure } from './dns-failure.ts'
import { type HalfOpenOptions, halfOpen } from './half-open.ts'
import { type ImpairOptions, impair } from './impair.ts'
import { loseMachine } from './lose-machine.ts'
import { type Cut, type PartitionOptions, partition } from './partition.ts'
import type { PodsByLabel } from './pods-by-label.ts'
import { quotaAlarm } from './quota-alarm.ts'
import { type KillOptions, kill, pause, stop } from './process.ts'
import { restartMachine } from './restart-machine.ts'
import { slow } from './slow.ts'
import { slowContainer } from './slow-container.ts'
import { type StaleFlow, deleteRoutes, removeCni, staleConntrack } from './tamper-node.ts'
import { type ServiceAddress, deleteRule, flushProxy } from './tamper-proxy.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import { slowDisk, stallDisk } from './stall-disk.ts'
import { type TaintOptions, taint } from './taint.ts'
import { unplugMachine } from './unplug-machine.ts'
import { wipeMember } from './wipe-member.ts'

/** The faults of one scenario, each by its name. */
export class Faults extends AnyFaults {
  /** SIGKILL; its supervisor leaves it down until healed, unless `stay` is false. */
  kill(ref: ComponentRef, options: KillOptions = {}): Promise<Lease> {
    return this.inject(kill(ref, options))
  }

  /** Killed every `everyMs`, and brought back each time by its supervisor, until healed. */
  crashLoop(ref: ComponentRef, options: { readonly everyMs: number }): Promise<Lease> {
    return this.inject(crashLoop(ref, options))
  }

  /** `percent` of one processor and no more, until healed. */
  slow(ref: ComponentRef, options: { readonly percent: number }): Promise<Lease> {
    return this.inject(slow(ref, options))
  }

  /** Ends a container of a pod; healed when its kubelet has another one in its place. */
  killContainer(ref: ContainerRef, options: { readonly signal?: 'SIGKILL' | 'SIGTERM' } = {}): Promise<Lease> {
    return this.inject(killContainer(ref, options))
  }

  /** SIGTERM for a container of a pod; what its kubelet starts in its place is ended at once, until healed. */
  stopContainer(ref: ContainerRef): Promise<Lease> {
    return this.inject(stopContainer(ref))
  }

  /** A container of a pod killed every `everyMs`, and brought back each time by its kubelet, until healed. */
  crashLoopContainer(ref: ContainerRef, options: { readonly everyMs: number }): Promise<Lease> {
    return this.inject(crashLoopContainer(ref, options))
  }

  /** `percent` of one processor for a container of a pod, and no more, until healed. */
  slowContainer(ref: ContainerRef, options: { readonly percent: number }): Promise<Lease> {
    return this.inject(slowContainer(ref, options))
  }

  /** Stops every process of a container of a pod, until healed. */
  pauseContainer(ref: ContainerRef): Promise<Lease> {
    return this.inject(pauseContainer(ref))
  }

  /** SIGTERM, and down until healed. */
  stop(ref: ComponentRef): Promise<Lease> {
    return this.inject(stop(ref))
  }

  /** SIGSTOP until healed. */
  pause(ref: ComponentRef): Promise<Lease> {
    return this.inject(pause(ref))
  }

  /**
   * Ends the packets of pairs of machines (grudges.ts has the shapes): silently, or refused. Between etcd members on the
   * network that is theirs alone, else on the one that all machines share, unless `network` says otherwise.
   */
  async partition(cuts: readonly Cut[], options: PartitionOptions = {}): Promise<Lease> {
    return this.inject(partition(cuts, options))
  }

  /** Makes the packets of pairs of machines late, lost, doubled, damaged, overtaken or slow, TCP and UDP alike. */
  async impair(cuts: readonly Cut[], options: ImpairOptions): Promise<Lease> {
    return this.inject(impair(cuts, options))
  }

  /** Half-open TCP connections: what one end sends on those it has opened does not arrive; both take them for open. */
  async halfOpen(cuts: readonly Cut[], options: HalfOpenOptions = {}): Promise<Lease> {
    return this.inject(halfOpen(cuts, options))
  }

  /** The cluster's DNS is silent, or refuses, for these machines and their pods. */
  dnsFailure(machines: readonly Machine[], options: DnsFailureOptions = {}): Promise<Lease> {
    return this.inject(dnsFailure(this.cluster, machines, options))
  }

  /** Takes kube-proxy's rules out of a machine's kernel; what it has not written again by itself is put back to heal. */
  flushProxy(machine: Machine, options: { readonly what?: 'chains' | 'tables' } = {}): Promise<Lease> {
    return this.inject(flushProxy(machine, options))
  }

  /** Deletes the one rule of kube-proxy's that knows a Service's port, on one machine. */
  deleteRule(machine: Machine, service: ServiceAddress): Promise<Lease> {
    return this.inject(deleteRule(machine, service))
  }

  /** Makes a machine's connection tracking remember that a UDP flow goes to an endpoint that is none. */
  staleConntrack(machine: Machine, flow: StaleFlow): Promise<Lease> {
    return this.inject(staleConntrack(machine, flow))
  }

  /** Takes away a machine's pod network configuration: no new pod starts there. */
  removeCni(machine: Machine): Promise<Lease> {
    return this.inject(removeCni(machine))
  }

  /** Deletes a machine's routes to the pods of others; flanneld puts them back within ten seconds. */
  deleteRoutes(machine: Machine): Promise<Lease> {
    return this.inject(deleteRoutes(this.cluster, machine))
  }

  /** `kubectl drain`, and `kubectl uncordon` to heal. */
  drain(machine: Machine, options: { readonly timeoutSeconds: number }): Promise<Lease> {
    return this.inject(drain(this.cluster, machine, { ...options, signal: this.signal, onCommand: this.emit }))
  }

  /** Takes a Node out of scheduling; what runs on it goes on. */
  cordon(machine: Machine): Promise<Lease> {
    return this.inject(cordon(this.cluster, machine))
  }

  /** A taint of our own on a Node (default: `NoSchedule`); its other taints stay as they are. */
  taint(machine: Machine, options: TaintOptions = {}): Promise<Lease> {
    return this.inject(taint(this.cluster, machine, options))
  }

  /** Deletes pods by their labels. Healed when none of them is left. */
  deletePods(which: PodsByLabel): Promise<Lease> {
    return this.inject(deletePods(this.cluster, which))
  }

  /** The same without waiting for their containers, which may run on for a while. */
  forceDelete(which: PodsByLabel): Promise<Lease> {
    return this.inject(deletePods(this.cluster, { ...which, force: true }))
  }

  /** Evictions, as far as disruption budgets grant them; unproven where they grant none. Healed when the evicted are gone. */
  evict(which: PodsByLabel): Promise<Lease> {
    return this.inject(evict(this.cluster, which))
  }

  /** Deletes a Node object; healed by announcing it again, which its kubelet then registers. */
  deleteNode(machine: Machine): Promise<Lease> {
    return this.inject(deleteNode(this.cluster, machine))
  }

  /** One of several API servers hears nothing more of what changes, and goes on answering: its cache is of the past. */
  freezeView(machine: Machine): Promise<Lease> {
    return this.inject(freezeView(this.cluster, machine))
  }

  /** An etcd member's disk stands still: no write and no fsync ends. The member restarts at both ends of the fault. */
  stallDisk(machine: Machine): Promise<Lease> {
    return this.inject(stallDisk(machine))
  }

  /** An etcd member's disk stands still for `frozenMs`, works for `thawedMs`, and so on. It restarts at both ends. */
  slowDisk(machine: Machine, turns: { readonly frozenMs: number; readonly thawedMs: number }): Promise<Lease> {
    return this.inject(slowDisk(machine, turns))
  }

  /** An etcd member's disk is full: the member ends, and comes back when healed. */
  fillDisk(machine: Machine): Promise<Lease> {
    return this.inject(fillDisk(machine))
  }

  /** etcd over its space quota (default: 8 MiB from now): every member refuses writes. Heals with a compaction. */
  quotaAlarm(machine: Machine, options: { readonly headroomMegabytes?: number } = {}): Promise<Lease> {
    return this.inject(quotaAlarm(this.cluster, machine, options))
  }

  /** An etcd member loses all it has, and joins as a new one when healed. Refused without a majority of the others. */
  wipeMember(machine: Machine): Promise<Lease> {
    return this.inject(wipeMember(this.cluster, machine))
  }

  /** What etcd holds now, as a member tells it: for `restoreSnapshot`, later. */
  snapshot(): Promise<EtcdSnapshot> {
    const [member] = this.cluster.etcd
    if (!member) throw new Error('there is no etcd member')
    return EtcdSnapshot.take(member)
  }

  /** etcd goes back to an older snapshot, for good: what was written since is gone, and everybody else remembers it. */
  restoreSnapshot(snapshot: EtcdSnapshot): Promise<Lease> {
    return this.inject(restoreSnapshot(this.cluster, snapshot))
  }

  /** A Node's disk for images and writable layers is full: no container can be made there; those that run go on. */
  fillImageDisk(machine: Machine): Promise<Lease> {
    return this.inject(fillImageDisk(machine))
  }

  /** Keeps that many processors (default: 1) of a machine busy, and no more. */
  hogCpu(machine: Machine, options: { readonly cores?: number } = {}): Promise<Lease> {
    return this.inject(hogCpu(machine, options))
  }

  /** Holds that much memory of a machine (default: 256 MiB), and no more. */
  hogMemory(machine: Machine, options: { readonly megabytes?: number } = {}): Promise<Lease> {
    return this.inject(hogMemory(machine, options))
  }

  /** One service account asks one API server for more than it can answer; proven by its first 429. */
  apiFlood(machine: Machine, load: Partial<ApiLoad> = {}): Promise<Lease> {
    return this.inject(apiFlood(this.cluster, machine, load))
  }

  /** One service account creates Events through one API server (default: 100 a second). */
  eventStorm(machine: Machine, load: Partial<ApiLoad> = {}): Promise<Lease> {
    return this.inject(eventStorm(this.cluster, machine, load))
  }

  /** A power cut; the machine is switched on again to heal. */
  killMachine(machine: Machine): Promise<Lease> {
    return this.inject(killMachine(machine))
  }

  /** Process 1 is asked to end, and what still runs `graceSeconds` (default: 0) later is killed; switched on again to heal. */
  powerOff(machine: Machine, options: { readonly graceSeconds?: number } = {}): Promise<Lease> {
    return this.inject(powerOff(machine, options))
  }

  /** Every process of the machine freezes, until healed. */
  freezeMachine(machine: Machine): Promise<Lease> {
    return this.inject(freezeMachine(machine))
  }

  /** Off without grace and on again at once; healed when its components run again. */
  restartMachine(machine: Machine): Promise<Lease> {
    return this.inject(restartMachine(machine))
  }

  /** Pulls its network cables (default: all), and gives them back with the same addresses. */
  unplugMachine(machine: Machine, options: { readonly network?: 'cluster' | 'peers' } = {}): Promise<Lease> {
    return this.inject(unplugMachine(machine, options))
  }

  /** A machine that was not in the cluster joins it, and is in `cluster.machines` until healed: drained, deleted, removed. */
  addWorker(): Promise<Lease> {
    return this.inject(addWorker(this.cluster, this.emit))
  }

  /** A power cut from which the machine does not return. */
  loseMachine(machine: Machine): Promise<Lease> {
    return this.inject(loseMachine(machine))
  }
}
