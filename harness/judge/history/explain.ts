import { isDeepStrictEqual } from 'node:util'
import { type Drawing, drawing } from './draw.ts'
import { byKey, isWrite, type Operation, sightOf, tells, type Violation } from './history.ts'
import { linearizable, type Searcher } from './linearizability.ts'
import { minimal } from './minimise.ts'

/** Longer histories of one object are cut down no further than the attempts reach. */
const attempts = 600

/**
 * Whether a part holds the writes of everything that is read, asked for or overwritten in it, as far as the whole does: a read
 * of a write that was left out would be broken for that alone.
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
 * What could explain an operation that tells of no version: that nothing is there by an end of it, that something else is there by any
 * write. Where one of them is left out, what is left is broken for that alone.
 */
function explaining(one: Operation, told: readonly Operation[]): Operation[] {
  const other = one.refusal === 'exists' || one.refusal === 'conflict'
  const nothing = one.refusal === 'absent' || (one.kind === 'get' ? one.revision === 0 : one.kind === 'create')
  return told.filter(({ kind, outcome, call }) => {
    const fits = other ? kind !== 'get' : nothing && kind === 'delete'
    return fits && outcome !== 'refused' && call <= one.end
  })
}

/** A broken history cut down. */
interface Smallest {
  readonly part: readonly Operation[]
  /** The ids of those that show what is broken. */
  readonly showing: readonly number[]
  /** Whether a part is still broken in the same way: what is left out must not break something else. */
  readonly fails: (part: readonly Operation[]) => boolean
}

/** The smallest part of a broken history that is still broken: of it nothing can be left out. Undefined for one that is sound. */
export function smallest(operations: readonly Operation[], search: Searcher): Smallest | undefined {
  for (const own of byKey(operations.filter(tells)).values()) {
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
 * The smallest broken part in a drawing. A part is made of whole operations; what it leaves out is not needed to see that no
 * order explains the rest.
 */
export function explained(operations: readonly Operation[], search: Searcher): Drawing | undefined {
  const found = smallest(operations, search)
  return found && drawing(found.part.map((one) => sightOf(one, found.showing.includes(one.id))))
}

function violations(operations: readonly Operation[], search: Searcher): readonly Violation[] {
  const { check } = linearizable(operations, search)
  return check.result === 'violated' ? check.violations : []
}
