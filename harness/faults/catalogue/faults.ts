import type { ComponentRef } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { addWorker } from '../machine/add-worker.ts'
import { AnyFaults } from '../engine/any-faults.ts'
import { type ApiLoad, apiFlood, eventStorm } from '../load/api-load.ts'
import { cordon } from '../kube-api/cordon.ts'
import { deleteNode } from '../kube-api/delete-node.ts'
import { deletePods } from '../kube-api/delete-pods.ts'
import { crashLoopContainer, stopContainer } from '../process/container-loop.ts'
import { killContainer, pauseContainer } from '../process/container.ts'
import { crashLoop } from '../process/crash-loop.ts'
import { drain } from '../kube-api/drain.ts'
import { EtcdSnapshot } from '../storage/etcd-snapshot.ts'
import { evict } from '../kube-api/evict.ts'
import type { Lease } from '../engine/fault.ts'
import { fillDisk } from '../storage/fill-disk.ts'
import { fillImageDisk } from '../storage/fill-image-disk.ts'
import type { ContainerRef } from '../engine/fault-kind.ts'
import { freezeMachine } from '../machine/freeze-machine.ts'
import { freezeView } from '../kube-api/freeze-view.ts'
import { hogCpu, hogMemory } from '../load/hog.ts'
import { killMachine, powerOff } from '../machine/kill-machine.ts'
import { type DnsFailureOptions, dnsFailure } from '../network/dns-failure.ts'
import { type HalfOpenOptions, halfOpen } from '../network/half-open.ts'
import { type ImpairOptions, impair } from '../network/impair.ts'
import { loseMachine } from '../machine/lose-machine.ts'
import { type Cut, type PartitionOptions, partition } from '../network/partition.ts'
import type { PodsByLabel } from '../targets/pods-by-label.ts'
import { quotaAlarm } from '../storage/quota-alarm.ts'
import { type KillOptions, kill, pause, stop } from '../process/component-process.ts'
import { restartMachine } from '../machine/restart-machine.ts'
import { slow } from '../process/slow.ts'
import { slowContainer } from '../process/slow-container.ts'
import { type StaleFlow, deleteRoutes, removeCni, staleConntrack } from '../tamper/tamper-node.ts'
import { type ServiceAddress, deleteRule, flushProxy } from '../tamper/proxy-rules.ts'
import { restoreSnapshot } from '../storage/restore-snapshot.ts'
import { slowDisk, stallDisk } from '../storage/stall-disk.ts'
import { type TaintOptions, taint } from '../kube-api/taint.ts'
import { unplugMachine } from '../machine/unplug-machine.ts'
import { wipeMember } from '../storage/wipe-member.ts'

/** The faults for scenarios, one method each. */
export class Faults extends AnyFaults {
  /** Kills a component (SIGKILL); its supervisor keeps it down until reverted, unless `stay` is false. */
  kill(ref: ComponentRef, options: KillOptions = {}): Promise<Lease> {
    return this.inject(kill(ref, options))
  }

  /** Kills a component every `everyMs` until reverted; its supervisor restarts it each time. */
  crashLoop(ref: ComponentRef, options: { readonly everyMs: number }): Promise<Lease> {
    return this.inject(crashLoop(ref, options))
  }

  /** Limits a component to `percent` of one CPU until reverted. */
  slow(ref: ComponentRef, options: { readonly percent: number }): Promise<Lease> {
    return this.inject(slow(ref, options))
  }

  /** Kills a container of a pod; reverted when its kubelet runs a new one. */
  killContainer(ref: ContainerRef, options: { readonly signal?: 'SIGKILL' | 'SIGTERM' } = {}): Promise<Lease> {
    return this.inject(killContainer(ref, options))
  }

  /** Terminates a container of a pod (SIGTERM) and kills each replacement until reverted. */
  stopContainer(ref: ContainerRef): Promise<Lease> {
    return this.inject(stopContainer(ref))
  }

  /** Kills a container of a pod every `everyMs` until reverted; its kubelet restarts it each time. */
  crashLoopContainer(ref: ContainerRef, options: { readonly everyMs: number }): Promise<Lease> {
    return this.inject(crashLoopContainer(ref, options))
  }

  /** Limits a container of a pod to `percent` of one CPU until reverted. */
  slowContainer(ref: ContainerRef, options: { readonly percent: number }): Promise<Lease> {
    return this.inject(slowContainer(ref, options))
  }

  /** Stops every process of a container of a pod until reverted. */
  pauseContainer(ref: ContainerRef): Promise<Lease> {
    return this.inject(pauseContainer(ref))
  }

  /** Terminates a component (SIGTERM) and keeps it down until reverted. */
  stop(ref: ComponentRef): Promise<Lease> {
    return this.inject(stop(ref))
  }

  /** Freezes a component (SIGSTOP) until reverted. */
  pause(ref: ComponentRef): Promise<Lease> {
    return this.inject(pause(ref))
  }

  /**
   * Drops or rejects the packets of pairs of machines; grudges.ts has the shapes. Default network: `peers` between etcd
   * members, else `cluster`.
   */
  async partition(cuts: readonly Cut[], options: PartitionOptions = {}): Promise<Lease> {
    return this.inject(partition(cuts, options))
  }

  /** Delays, loses, reorders, duplicates, corrupts or rate-limits the packets of pairs of machines. */
  async impair(cuts: readonly Cut[], options: ImpairOptions): Promise<Lease> {
    return this.inject(impair(cuts, options))
  }

  /** Drops packets of the client on established TCP connections; both ends consider them open. */
  async halfOpen(cuts: readonly Cut[], options: HalfOpenOptions = {}): Promise<Lease> {
    return this.inject(halfOpen(cuts, options))
  }

  /** Drops or rejects DNS queries of these machines and their pods to the cluster DNS. */
  dnsFailure(machines: readonly Machine[], options: DnsFailureOptions = {}): Promise<Lease> {
    return this.inject(dnsFailure(this.cluster, machines, options))
  }

  /** Removes kube-proxy's rules from a machine's kernel; reverting restores rules that kube-proxy has not written again. */
  flushProxy(machine: Machine, options: { readonly what?: 'chains' | 'tables' } = {}): Promise<Lease> {
    return this.inject(flushProxy(machine, options))
  }

  /** Deletes kube-proxy's rule for one Service port on one machine. */
  deleteRule(machine: Machine, service: ServiceAddress): Promise<Lease> {
    return this.inject(deleteRule(machine, service))
  }

  /** Adds a conntrack entry that sends a UDP flow to an endpoint that does not exist. */
  staleConntrack(machine: Machine, flow: StaleFlow): Promise<Lease> {
    return this.inject(staleConntrack(machine, flow))
  }

  /** Removes a machine's CNI configuration: no new pod starts there. */
  removeCni(machine: Machine): Promise<Lease> {
    return this.inject(removeCni(machine))
  }

  /** Deletes a machine's routes to pods on other Nodes; flanneld restores them within ten seconds. */
  deleteRoutes(machine: Machine): Promise<Lease> {
    return this.inject(deleteRoutes(this.cluster, machine))
  }

  /** Runs `kubectl drain`; reverting runs `kubectl uncordon`. */
  drain(machine: Machine, options: { readonly timeoutSeconds: number }): Promise<Lease> {
    return this.inject(drain(this.cluster, machine, { ...options, signal: this.signal, onCommand: this.emit }))
  }

  /** Marks a Node unschedulable; its pods keep running. */
  cordon(machine: Machine): Promise<Lease> {
    return this.inject(cordon(this.cluster, machine))
  }

  /** Adds the taint `holdfast.dev/fault` to a Node (default effect: `NoSchedule`). */
  taint(machine: Machine, options: TaintOptions = {}): Promise<Lease> {
    return this.inject(taint(this.cluster, machine, options))
  }

  /** Deletes pods by label. Reverted when all are gone. */
  deletePods(which: PodsByLabel): Promise<Lease> {
    return this.inject(deletePods(this.cluster, which))
  }

  /** Deletes pods by label from the API without waiting for their containers, which may run for a while. */
  forceDelete(which: PodsByLabel): Promise<Lease> {
    return this.inject(deletePods(this.cluster, { ...which, force: true }))
  }

  /** Evicts pods, subject to disruption budgets; unproven without a granted eviction. Reverted when the evicted pods are gone. */
  evict(which: PodsByLabel): Promise<Lease> {
    return this.inject(evict(this.cluster, which))
  }

  /** Deletes a Node object; reverting creates it again, and its kubelet registers. */
  deleteNode(machine: Machine): Promise<Lease> {
    return this.inject(deleteNode(this.cluster, machine))
  }

  /** Holds back etcd watch events of one API server, which keeps answering from a stale cache. */
  freezeView(machine: Machine): Promise<Lease> {
    return this.inject(freezeView(this.cluster, machine))
  }

  /** Freezes the file system of an etcd member's data. The member restarts at both ends of the fault. */
  stallDisk(machine: Machine): Promise<Lease> {
    return this.inject(stallDisk(machine))
  }

  /** Freezes and thaws the file system of an etcd member's data in turn. The member restarts at both ends of the fault. */
  slowDisk(machine: Machine, turns: { readonly frozenMs: number; readonly thawedMs: number }): Promise<Lease> {
    return this.inject(slowDisk(machine, turns))
  }

  /** Fills the file system of an etcd member's data: the member ends, and restarts when reverted. */
  fillDisk(machine: Machine): Promise<Lease> {
    return this.inject(fillDisk(machine))
  }

  /** Fills etcd beyond its space quota (default: 8 MiB from now): every member refuses writes. Reverting compacts. */
  quotaAlarm(machine: Machine, options: { readonly headroomMegabytes?: number } = {}): Promise<Lease> {
    return this.inject(quotaAlarm(this.cluster, machine, options))
  }

  /** Deletes an etcd member's data; reverting adds it as a new member. Refused without a majority of the others. */
  wipeMember(machine: Machine): Promise<Lease> {
    return this.inject(wipeMember(this.cluster, machine))
  }

  /** Takes a snapshot of etcd for `restoreSnapshot`. */
  snapshot(): Promise<EtcdSnapshot> {
    const [member] = this.cluster.etcd
    if (!member) throw new Error('there is no etcd member')
    return EtcdSnapshot.take(member)
  }

  /** Restores etcd from an older snapshot for good: later writes are lost, but remain in other components' caches. */
  restoreSnapshot(snapshot: EtcdSnapshot): Promise<Lease> {
    return this.inject(restoreSnapshot(this.cluster, snapshot))
  }

  /** Fills a Node's disk for images and writable layers: no container can be created; running ones continue. */
  fillImageDisk(machine: Machine): Promise<Lease> {
    return this.inject(fillImageDisk(machine))
  }

  /** Keeps `cores` CPUs (default: 1) of a machine busy. */
  hogCpu(machine: Machine, options: { readonly cores?: number } = {}): Promise<Lease> {
    return this.inject(hogCpu(machine, options))
  }

  /** Allocates memory of a machine (default: 256 MiB). */
  hogMemory(machine: Machine, options: { readonly megabytes?: number } = {}): Promise<Lease> {
    return this.inject(hogMemory(machine, options))
  }

  /** Sends one API server more list requests than it can answer; the first 429 confirms the effect. */
  apiFlood(machine: Machine, load: Partial<ApiLoad> = {}): Promise<Lease> {
    return this.inject(apiFlood(this.cluster, machine, load))
  }

  /** Creates Events through one API server (default: 100 a second). */
  eventStorm(machine: Machine, load: Partial<ApiLoad> = {}): Promise<Lease> {
    return this.inject(eventStorm(this.cluster, machine, load))
  }

  /** Cuts the power of a machine; reverting starts it again. */
  killMachine(machine: Machine): Promise<Lease> {
    return this.inject(killMachine(machine))
  }

  /** Stops a machine with a grace period of `graceSeconds` (default: 0); reverting starts it again. */
  powerOff(machine: Machine, options: { readonly graceSeconds?: number } = {}): Promise<Lease> {
    return this.inject(powerOff(machine, options))
  }

  /** Freezes every process of a machine until reverted. */
  freezeMachine(machine: Machine): Promise<Lease> {
    return this.inject(freezeMachine(machine))
  }

  /** Restarts a machine without a grace period; reverted when its components run. */
  restartMachine(machine: Machine): Promise<Lease> {
    return this.inject(restartMachine(machine))
  }

  /** Takes a machine's network interfaces down (default: all); reverting restores them with the same addresses. */
  unplugMachine(machine: Machine, options: { readonly network?: 'cluster' | 'peers' } = {}): Promise<Lease> {
    return this.inject(unplugMachine(machine, options))
  }

  /** Adds a worker to `cluster.machines`; reverting drains and deletes its Node and removes the machine. */
  addWorker(): Promise<Lease> {
    return this.inject(addWorker(this.cluster, this.emit))
  }

  /** Cuts the power of a machine for good. */
  loseMachine(machine: Machine): Promise<Lease> {
    return this.inject(loseMachine(machine))
  }
}
