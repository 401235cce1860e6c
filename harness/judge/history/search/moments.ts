import type { Operation } from '../history.ts'

/**
 * A return: the operation that has to have happened by now, and the operations that were open at that time, including
 * itself.
 */
export interface Moment {
  readonly index: number
  readonly returns: number
  readonly open: readonly number[]
  /** How many of them, the last ones, were called since the moment before. */
  readonly fresh: number
  /** How many of `unknown` were called before. */
  readonly unknown: number
}

/**
 * Every return in order of time; operations are indices. `unknown` are the operations that never returned, in order of
 * their calls.
 */
export type Line = Moment[] & { unknown: readonly number[] }

/** Two operations that touch (one ends in the instant in which the other begins) count as open at once. */
export function moments(operations: readonly Operation[]): Line {
  const indices = operations.map((_, index) => index)
  const call = (index: number): number => operations[index]?.call ?? 0
  const end = (index: number): number => operations[index]?.end ?? 0
  const byCall = indices.toSorted((a, b) => call(a) - call(b))
  const returning = indices.filter((index) => end(index) !== Infinity).sort((a, b) => end(a) - end(b))
  const unknown = byCall.filter((index) => end(index) === Infinity)
  const open: number[] = []
  const line: Moment[] = []
  let [called, unknownCalled] = [0, 0]
  for (const returns of returning) {
    const before = open.length
    for (let next; (next = byCall[called]) !== undefined && call(next) <= end(returns); called++) {
      if (end(next) === Infinity) unknownCalled++
      else open.push(next)
    }
    line.push({ index: line.length, returns, open: [...open], fresh: open.length - before, unknown: unknownCalled })
    open.splice(open.indexOf(returns), 1)
  }
  return Object.assign(line, { unknown })
}

interface Slots {
  /** By operation: its bit while it is open. */
  readonly slots: Int32Array
  readonly known: number
  readonly unknown: number
}

/**
 * Bits are reused after the return of their operation, so the number of bits is the largest number of open operations.
 */
export function slotsOf(operations: readonly Operation[], line: Line): Slots {
  const slots = new Int32Array(operations.length).fill(-1)
  const free: number[] = []
  let known = 0
  for (const { returns, open, fresh } of line) {
    for (let n = open.length - fresh; n < open.length; n++) slots[open[n] ?? 0] = free.pop() ?? known++
    free.push(slots[returns] ?? 0)
  }
  line.unknown.forEach((index, n) => (slots[index] = n))
  return { slots, known, unknown: line.unknown.length }
}
