import type { z } from 'zod'
import type { Cluster, ComponentRef } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { FaultBody } from './fault.ts'

/** A container of a pod, on the machine that runs it. `container` is `pause` for the sandbox. */
export interface ContainerRef {
  readonly machine: Machine
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** Targets of faults. `group` is several machines as one target, for example the members of a partition. */
export interface Targets {
  readonly component: ComponentRef
  readonly container: ContainerRef
  readonly machine: Machine
  readonly group: readonly Machine[]
  readonly cluster: Cluster
}

/** The context in which a fault is created. */
export interface FaultContext {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly emit: (record: JournalRecord) => void
}

/**
 * A fault as one value in one file: its documentation, options, evidence and effect. The methods of `faults`, the command line,
 * docs/faults.md and the tests derive from it. `Target` widens the target for scenarios.
 */
export interface FaultKind<Hits extends keyof Targets, Options extends z.ZodObject, Target = Targets[Hits]> {
  /** Name on the command line, in kebab case; the export is the same name in camel case. */
  readonly name: string
  /** The effect on a target, as one sentence without a period. */
  readonly describe: string
  readonly hits: Hits
  /** When the effect counts as confirmed and as cleared, a sentence each. */
  readonly evidence: { readonly confirmed: string; readonly cleared: string }
  /** Schema of the options; each field has `.describe()`, and a default where one makes sense. */
  readonly options: Options
  /** Why this host does not support the fault, or undefined. Works without a cluster and has no side effects. */
  lacking?(): Promise<string | undefined>
  /** Creates the fault for a target, with valid options. Has no side effects. */
  create(target: Target | Targets[Hits], options: z.output<Options>, context: FaultContext): FaultBody
}

/** Returns the kind with the types of its target and options. */
export function defineFault<const Hits extends keyof Targets, Options extends z.ZodObject, Target = Targets[Hits]>(
  kind: FaultKind<Hits, Options, Target>,
): FaultKind<Hits, Options, Target> {
  return kind
}

/** A kind in the catalogue; its target and options are validated at runtime. */
export type AnyFaultKind = { [Hits in keyof Targets]: FaultKind<Hits, z.ZodObject> }[keyof Targets]
