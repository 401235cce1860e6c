import { isDeepStrictEqual } from 'node:util'
import { type Drawing, drawing } from './draw.ts'
import { byKey, isWrite, type Operation, tells, type Violation } from './history.ts'
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
 * The smallest part of a broken history that is still broken, in a drawing. A part is made of whole operations; what it leaves
 * out is not needed to see that no order explains the rest. Undefined for a history that is sound.
 */
export function explained(operations: readonly Operation[], search: Searcher): Drawing | undefined {
  const told = operations.filter(tells)
  for (const own of byKey(told).values()) {
    const [first] = violations(own, search)
    if (!first) continue
    const writes = writesOf(own)
    // Still broken in the same way: what is left out must not break something else.
    const fails = (part: readonly Operation[]): boolean =>
      closed(part, writes) && violations(part, search).some((one) => isDeepStrictEqual(one, first))
    return drawing(minimal(own, fails, attempts), first.operations)
  }
  return undefined
}

function violations(operations: readonly Operation[], search: Searcher): readonly Violation[] {
  const { check } = linearizable(operations, search)
  return check.result === 'violated' ? check.violations : []
}
