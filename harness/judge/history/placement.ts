import type { Operation, Violation } from './history.ts'
import { broken } from './versions.ts'

/**
 * Operations with their places in a sequential order. Version n is written at 4n, holds at 4n+1, is deleted at 4n+2 and
 * gone at 4n+3. Reads of one state share its place, for their order among themselves is free.
 */
export interface Placed {
  readonly operation: Operation
  readonly place: number
}

export const written = (version: number): number => 4 * version
export const present = (version: number): number => 4 * version + 1
export const deleted = (version: number): number => 4 * version + 2
export const gone = (version: number): number => 4 * version + 3
export const neverThere = -1

/**
 * Two operations of which the one that comes later had ended before the other was called. Where there are none, the order
 * of places (and of calls, within one place) is an order in which all could have happened one by one.
 */
export function outOfOrder(placed: readonly Placed[]): Violation | undefined {
  const order = Uint32Array.from(placed, (_, index) => index).sort(
    (a, b) => (placed[b]?.place ?? 0) - (placed[a]?.place ?? 0),
  )
  let first: Placed | undefined
  for (let n = 0; n < order.length;) {
    const place = placed[order[n] ?? 0]?.place
    let earliest = first
    for (; n < order.length; n++) {
      const one = placed[order[n] ?? 0]
      if (!one || one.place !== place) break
      if (first && first.operation.end < one.operation.call) {
        return broken(
          'later is later',
          'the second began after the first had ended and comes before it',
          first.operation,
          one.operation,
        )
      }
      if (!earliest || one.operation.end < earliest.operation.end) earliest = one
    }
    first = earliest
  }
  return undefined
}

/** The state in which an operation that changes nothing may have been carried out: the first one at or after a place. */
export type Fits = (operation: Operation, from: number) => number | undefined

/**
 * Places operations that fit several states, each as early as it can be: that binds those after it least, so that if this
 * does not work nothing does. Answers undefined where one fits nowhere.
 */
export function placeFreely(fixed: readonly Placed[], free: readonly Operation[], fits: Fits): Placed[] | undefined {
  const places = new Map<Operation, number>()
  const ended = [...fixed, ...free.map((operation) => ({ operation, place: undefined }))].sort(
    (a, b) => a.operation.end - b.operation.end,
  )
  let [next, from] = [0, neverThere]
  const placed: Placed[] = []
  for (const operation of free.toSorted((a, b) => a.call - b.call)) {
    for (let before; (before = ended[next]) && before.operation.end < operation.call; next++) {
      from = Math.max(from, before.place ?? places.get(before.operation) ?? neverThere)
    }
    const place = fits(operation, from)
    if (place === undefined) return undefined
    places.set(operation, place)
    placed.push({ operation, place })
  }
  return placed
}
