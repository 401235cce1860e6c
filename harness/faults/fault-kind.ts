import type { z } from 'zod'
import type { Cluster, ComponentRef } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Fault } from './fault.ts'

type FaultGroup = 'process' | 'machine' | 'network' | 'API' | 'storage' | 'tamper' | 'load'

/** A container of a pod, on the machine that runs it. `container` is `pause` for the sandbox's own. */
export interface ContainerRef {
  readonly machine: Machine
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** What a fault can hit. `group` is several machines that are hit as one, such as the members of a partition. */
export interface Targets {
  readonly component: ComponentRef
  readonly container: ContainerRef
  readonly machine: Machine
  readonly group: readonly Machine[]
  readonly cluster: Cluster
}

/** What a fault is made with beside its target. */
export interface FaultStage {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly emit: (record: JournalRecord) => void
}

/**
 * A fault as people find it: in `holdfast faults`, `holdfast inject` and docs/faults.md, all of which are made from this. One
 * file each, next to the function that scenarios call; catalogue.ts is the list.
 */
export interface FaultKind<Hits extends keyof Targets, Options extends z.ZodObject> {
  /** As it is typed, in kebab case. */
  readonly name: string
  readonly group: FaultGroup
  /** One sentence without a name of a target: what it does to it. */
  readonly describe: string
  readonly hits: Hits
  /** What counts as evidence that it bit, and that it ended: a sentence each. */
  readonly evidence: { readonly bit: string; readonly ended: string }
  /** What may be set, each field with `.describe()` and a default wherever there is a sensible one. */
  readonly options: Options
  /** Why this host can't do it (a kernel without the means), or undefined. Asked with and without a cluster; touches nothing. */
  lacking?(): Promise<string | undefined>
  make(target: Targets[Hits], options: z.output<Options>, stage: FaultStage): Fault
}

/** Keeps what a kind hits and takes as its own types. */
export function faultKind<const Hits extends keyof Targets, Options extends z.ZodObject>(
  kind: FaultKind<Hits, Options>,
): FaultKind<Hits, Options> {
  return kind
}

/** Any kind, as the catalogue lists it: its target and options are checked where they come in. */
export type AnyFaultKind = { [Hits in keyof Targets]: FaultKind<Hits, z.ZodObject> }[keyof Targets]
