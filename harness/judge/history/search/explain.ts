import { isDeepStrictEqual } from 'node:util'
import { type Drawing, draw } from '../draw.ts'
import { byKey, isWrite, type Operation, sightOf, isEvidence, type Violation } from '../history.ts'
import { linearizable, type Searcher } from './linearizability.ts'
import { minimal } from './minimise.ts'

/** Limits the minimisation of long histories of one object. */
const attempts = 600

/**
 * Whether a part holds the writes of everything that is read, required or overwritten in it, as far as the whole does:
 * without its write a read would violate the rule for that reason alone.
 */
function closed(part: readonly Operation[], writes: ReadonlyMap<string | number, Operation>): boolean {
  const own = new Set(part)
  const needs = ({ kind, value, precondition }: Operation): (Operation | undefined)[] => [
    kind === 'get' ? writes.get(value) : undefined,
    writes.get(precondition),
  ]
  return part.every((one) => needs(one).every((write) => !write || own.has(write)))
}

function writesOf(operations: readonly Operation[]): Map<string | number, Operation> {
  const writes = new Map<string | number, Operation>()
  for (const one of operations) {
    if (!isWrite(one) || one.outcome === 'refused') continue
    if (one.value !== '') writes.set(one.value, one)
    if (one.revision > 0) writes.set(one.revision, one)
  }
  return writes
}

/**
 * Operations that could explain an operation without a version: any deletion explains an absent object, any write
 * explains another one. Without one of them the rest would violate the rule for that reason alone.
 */
function explaining(one: Operation, reported: readonly Operation[]): Operation[] {
  const other = one.refusal === 'exists' || one.refusal === 'conflict'
  const nothing = one.refusal === 'absent' || (one.kind === 'get' ? one.revision === 0 : one.kind === 'create')
  return reported.filter(({ kind, outcome, call }) => {
    const fits = other ? kind !== 'get' : nothing && kind === 'delete'
    return fits && outcome !== 'refused' && call <= one.end
  })
}

/** A minimised violation. */
interface Smallest {
  readonly part: readonly Operation[]
  /** The ids of the operations that show the violation. */
  readonly showing: readonly number[]
  /** Whether a part still has the same violation. */
  readonly fails: (part: readonly Operation[]) => boolean
}

/**
 * The smallest part of a history with the same violation; every operation of it is needed. Undefined without a
 * violation.
 */
export function smallest(operations: readonly Operation[], search: Searcher): Smallest | undefined {
  for (const own of byKey(operations.filter(isEvidence)).values()) {
    const [first] = violations(own, search)
    if (!first) continue
    const writes = writesOf(own)
    const shown = own.filter(({ id }) => first.operations.includes(id))
    const kept = shown.flatMap((one) => explaining(one, own)).filter((one) => !shown.includes(one))
    const fails = (part: readonly Operation[]): boolean =>
      kept.every((one) => part.includes(one)) &&
      closed(part, writes) &&
      violations(part, search).some((one) => isDeepStrictEqual(one, first))
    return { part: minimal(own, fails, attempts), showing: first.operations, fails }
  }
  return undefined
}

/**
 * Draws the smallest part of a history that no order explains. The part consists of whole operations; the rest of the
 * history is not needed to show the violation.
 */
export function explained(operations: readonly Operation[], search: Searcher): Drawing | undefined {
  const found = smallest(operations, search)
  return found && draw(found.part.map((one) => sightOf(one, found.showing.includes(one.id))))
}

function violations(operations: readonly Operation[], search: Searcher): readonly Violation[] {
  const { check } = linearizable(operations, search)
  return check.result === 'violated' ? check.violations : []
}
