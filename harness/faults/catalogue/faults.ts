import type { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { JournalRecord } from '../../record/records.ts'
import { AnyFaults } from '../engine/any-faults.ts'
import { createFault } from '../engine/create-fault.ts'
import type { Fault, ActiveFault } from '../engine/fault.ts'
import type { AnyFaultKind, FaultKind, FaultContext, Targets } from '../engine/fault-kind.ts'
import type { FaultPhase } from '../engine/injection.ts'
import { faultsByMethod } from './catalogue.ts'

/** The parameters of a fault's method: its target, unless that is the cluster, and its options. */
type ArgumentsOf<Kind> =
  Kind extends FaultKind<infer Hits, infer Options, infer Target>
    ? [...(Hits extends 'cluster' ? [] : [target: Target | Targets[Hits]]), ...OptionsOf<Options>]
    : never
type OptionsOf<Options extends z.ZodObject> =
  Record<never, never> extends z.input<Options> ? [options?: z.input<Options>] : [options: z.input<Options>]

/** One method for each fault of the catalogue. */
type Methods<Result> = {
  readonly [Name in keyof typeof faultsByMethod]: (...args: ArgumentsOf<(typeof faultsByMethod)[Name]>) => Result
}

/** The faults for scenarios: `faults.kill(target)` injects, `faults.create.kill(target)` returns a part of a plan. */
export type Faults = AnyFaults & Methods<Promise<ActiveFault>> & { readonly create: Methods<Fault> }

/** `witness` is called before each fault, after its effect and after its reversal, to take a snapshot. */
export function createFaults(
  cluster: Cluster,
  emit: (record: JournalRecord) => void,
  witness: (edge: FaultPhase) => Promise<void>,
  signal: AbortSignal,
): Faults {
  const faults = new AnyFaults(cluster, emit, witness, signal)
  const create = (kind: AnyFaultKind, args: readonly unknown[]): Fault => {
    const [target, options] = kind.hits === 'cluster' ? [cluster, ...args] : args
    return createFault(kind, target, options, { cluster, emit, signal } satisfies FaultContext)
  }
  const inject = methods(async (kind, args) => faults.inject(create(kind, args)))
  return Object.assign(faults, inject, { create: methods(create) })
}

function methods<Result>(call: (kind: AnyFaultKind, args: readonly unknown[]) => Result): Methods<Result> {
  const entries = Object.entries<AnyFaultKind>(faultsByMethod).map(
    ([name, kind]) => [name, (...args: readonly unknown[]) => call(kind, args)] as const,
  )
  return Object.fromEntries(entries) as Methods<Result>
}
