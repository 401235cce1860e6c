import type { ComponentProcess } from '../processes/component-processes.ts'
import type { DatagramSpec, FlowSpec } from '../probes/datagrams.ts'
import type { KernelRules, ProxyMode } from '../kube-proxy/kernel-rules.ts'
import type { Metrics, MetricsSpec } from '../observers/metrics.ts'
import type { ReachSpec } from '../probes/reach.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import type { Action } from '../actions/known-action.ts'
import type {
  EtcdFollowSpec,
  EtcdWatchSpec,
  EtcdWriteSpec,
  HttpSpec,
  TestPacketSpec,
  ProbeSpec,
  SampleSpec,
} from './parameters.ts'
import type { CommandResult, ComponentState, Container, EtcdWatchEnd, Facts, Recovered, Residue } from './results.ts'

/*
 * The protocol of the one long-lived exec stream into a machine: one JSON object a line. A request has an id and gets one
 * answer; events are sent when they happen. Both ends share this file, which has no code.
 */

/** Requests by name: their parameters and their answers. */
export interface Methods {
  /** The machine's clock, to show that it is the harness's own. */
  hello: (params: Record<string, never>) => { at: number; pid: number }
  /** What the agent uses after garbage collection, in bytes. */
  memory: (params: Record<string, never>) => { bytes: number }
  state: (params: { component: string }) => ComponentState
  commandLine: (params: { component: string }) => string[]
  /** Established TCP connections with this port at either end, and the processes of this machine's ends. */
  sockets: (params: { port: number }) => Pick<RecordOf<'sockets'>, 'at' | 'endedAt' | 'connections'>
  /** Every process of every component, also without a supervisor. */
  processes: (params: Record<string, never>) => { processes: ComponentProcess[] }
  /** Starts a component, or finds it running; from then on it starts with its machine. */
  start: (params: { component: string }) => Facts
  /** Applies an action for a fault; it is reverted on release, after `ttlMs`, or when the stream closes. */
  apply: (params: { id: string; ttlMs: number; action: Action }) => Facts
  revert: (params: { id: string }) => Facts
  /** The effect of a fault's action so far. */
  evidence: (params: { id: string }) => Facts
  /** Answers once everything that earlier agents left is reverted. */
  recovered: (params: Record<string, never>) => { appliedFaults: Recovered[] }
  /** Sends packets that match the rules of a fault. Answers when they are sent. */
  sendTestPackets: (params: TestPacketSpec) => Record<string, never>
  /** Answers once none of these faults is active any more; reverts those without a living holder. */
  awaitReverted: (params: { appliedFaults: readonly string[]; withinMs: number }) => Record<string, never>
  residue: (params: Record<string, never>) => Residue
  exec: (params: { argv: readonly string[]; timeoutMs: number }) => CommandResult
  http: (params: HttpSpec) => { status: number; body: string }
  resolve: (params: { server: string; name: string; timeoutMs: number }) => { addresses: string[] }
  containers: (params: Record<string, never>) => { containers: Container[] }
  /** Reads some of a component's /metrics; never rejects because of the component. */
  metrics: (params: MetricsSpec) => Metrics
  /** Counts the flows in the conntrack table. */
  conntrack: (params: Record<string, never>) => { at: number; flows: number; byProtocol: Record<string, number> }
  probe: (params: ProbeSpec) => Record<string, never>
  stopProbes: (params: Record<string, never>) => Record<string, never>
  sample: (params: SampleSpec) => RecordOf<'sample'>
  reach: (params: ReachSpec) => RecordOf<'reach'>
  /** kube-proxy's rules in the kernel; without text where its hash is the known one. */
  kernelRules: (params: { mode: ProxyMode; known?: string }) => KernelRules
  startDatagrams: (params: DatagramSpec) => Record<string, never>
  stopDatagrams: (params: Record<string, never>) => Record<string, never>
  /** The conntrack entries of datagrams from that port to that address. */
  flows: (params: FlowSpec) => { at: number; flows: RecordOf<'flows'>['flows'] }
  /** Runs a copy of the agent inside a pod's network namespace; its requests go through `inPod`. */
  enterPod: (params: { namespace: string; pod: string }) => Record<string, never>
  inPod: (params: { namespace: string; pod: string; method: string; params: unknown }) => unknown
  leavePods: (params: Record<string, never>) => Record<string, never>
  followAudit: (params: { path: string }) => Record<string, never>
  followEtcd: (params: EtcdFollowSpec) => Record<string, never>
  writeEtcd: (params: EtcdWriteSpec) => Record<string, never>
  stopEtcd: (params: { what: 'following' | 'writing' }) => Record<string, never>
  /** Reports every commit under /registry/ from its answer on: keys and revisions, never values. */
  followStore: (params: { member: string }) => Record<string, never>
  stopStore: (params: Record<string, never>) => Record<string, never>
  /** The same from etcd's own history, as far as it is not compacted; both revisions are included. */
  storeHistory: (params: { from: number; until: number }) => { events: RecordOf<'stored'>['events'] }
  /** Answers when the watch has ended; `unwatchEtcd` ends all of them. */
  watchEtcd: (params: EtcdWatchSpec) => EtcdWatchEnd
  unwatchEtcd: (params: Record<string, never>) => Record<string, never>
}

export type Request = { readonly id: number; readonly method: keyof Methods; readonly params: unknown }
export type Answer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string }
export type Event = { readonly event: 'record'; readonly record: JournalRecord }
export type FromMachine = Answer | Event
