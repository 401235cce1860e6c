import { filled } from './filled.ts'
import type { Operation, Violation } from '../history.ts'
import { broken } from './versions.ts'

/**
 * The places of operations in a sequential order, by index among the object's operations. Version n is written at 4n,
 * exists at 4n+1, is deleted at 4n+2 and gone at 4n+3. Reads of one state share its place, because their order is free.
 */
export type Places = number[]

export const written = (version: number): number => 4 * version
export const present = (version: number): number => 4 * version + 1
export const deleted = (version: number): number => 4 * version + 2
export const gone = (version: number): number => 4 * version + 3
export const neverThere = -1
/** The place of an operation without a place (yet). */
export const nowhere = -2

/**
 * Finds two operations in the wrong order: the later one had ended before the other was called. Without such a pair,
 * the order of places (and of calls, within one place) is a possible sequential order. Places are about as many as
 * operations, so sorting is unnecessary: of each place only the first end and the last call count.
 */
export function outOfOrder(operations: readonly Operation[], places: Places): Violation | undefined {
  let top = neverThere
  for (const place of places) if (place > top) top = place
  const firstEnd = filled(top - neverThere + 1, Infinity)
  const lastCall = filled(top - neverThere + 1, -Infinity)
  for (let n = 0; n < operations.length; n++) {
    const place = (places[n] ?? nowhere) - neverThere
    if (place < 0) continue
    const { call, end } = operations[n] as Operation
    if (end < (firstEnd[place] ?? 0)) firstEnd[place] = end
    if (call > (lastCall[place] ?? 0)) lastCall[place] = call
  }
  let first = Infinity
  for (let place = firstEnd.length - 1; place >= 0; place--) {
    const call = lastCall[place] ?? 0
    if (first < call) return tooLate(operations, places, { end: first, call, place: place + neverThere })
    first = Math.min(first, firstEnd[place] ?? Infinity)
  }
  return undefined
}

function tooLate(
  operations: readonly Operation[],
  places: Places,
  { end, call, place }: { readonly end: number; readonly call: number; readonly place: number },
): Violation {
  const first = operations.find((one, n) => one.end === end && (places[n] ?? nowhere) > place)
  const second = operations.find((one, n) => one.call === call && places[n] === place)
  const both = [first, second].filter((one) => one !== undefined)
  return broken('later is later', 'the second began after the first had ended and comes before it', ...both)
}

/** The state in which an operation that changes nothing may have happened: the first one at or after a place. */
export type Fits = (operation: Operation, from: number) => number | undefined

/**
 * Places operations that fit several states, each as early as possible: that restricts later operations least, so if it
 * fails every placement fails. Returns whether each operation fits a state.
 */
export function placeFreely(
  operations: readonly Operation[],
  places: Places,
  free: (operation: Operation) => boolean,
  fits: Fits,
): boolean {
  // The furthest place of the operations that had ended, in order of their ends: an operation that had ended before a
  // call is placed before it.
  const ends: number[] = []
  const furthest: number[] = []
  let from = neverThere
  for (const index of byEnd(operations)) {
    const operation = operations[index] as Operation
    if (free(operation)) {
      const before = countBelow(ends, operation.call)
      const place = fits(operation, before === 0 ? neverThere : (furthest[before - 1] ?? neverThere))
      if (place === undefined) return false
      places[index] = place
    }
    from = Math.max(from, places[index] ?? nowhere)
    ends.push(operation.end)
    furthest.push(from)
  }
  return true
}

/** Operations are mostly recorded in the order of their ends; operations without an end come last. */
function byEnd(operations: readonly Operation[]): number[] {
  const order: number[] = []
  const never: number[] = []
  const end = (index: number): number => operations[index]?.end ?? Infinity
  let [latest, ordered] = [0, true]
  for (let n = 0; n < operations.length; n++) {
    const own = end(n)
    if (own === Infinity) never.push(n)
    else order.push(n)
    if (own < latest) ordered = false
    else if (own !== Infinity) latest = own
  }
  if (!ordered) order.sort((a, b) => end(a) - end(b))
  for (const n of never) order.push(n)
  return order
}

/** How many of these ascending numbers are below a number. */
function countBelow(numbers: readonly number[], below: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) < below) low = middle + 1
    else high = middle
  }
  return low
}
