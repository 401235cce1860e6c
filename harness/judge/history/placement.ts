import { filled } from './filled.ts'
import type { Operation, Violation } from './history.ts'
import { broken } from './versions.ts'

/**
 * Where operations stand in a sequential order, by their own places among the object's. Version n is written at 4n, holds at
 * 4n+1, is deleted at 4n+2 and gone at 4n+3. Reads of one state share its place, for their order among themselves is free.
 */
export type Places = number[]

export const written = (version: number): number => 4 * version
export const present = (version: number): number => 4 * version + 1
export const deleted = (version: number): number => 4 * version + 2
export const gone = (version: number): number => 4 * version + 3
export const neverThere = -1
/** Of an operation that has no place (yet). */
export const nowhere = -2

/**
 * Two operations of which the one that comes later had ended before the other was called. Where there are none, the order
 * of places (and of calls, within one place) is an order in which all could have happened one by one. There are about as many
 * places as operations, so that nothing has to be sorted: of those in one place only the first end and the last call count.
 */
export function outOfOrder(told: readonly Operation[], places: Places): Violation | undefined {
  let top = neverThere
  for (const place of places) if (place > top) top = place
  const firstEnd = filled(top - neverThere + 1, Infinity)
  const lastCall = filled(top - neverThere + 1, -Infinity)
  for (let n = 0; n < told.length; n++) {
    const place = (places[n] ?? nowhere) - neverThere
    if (place < 0) continue
    const { call, end } = told[n] as Operation
    if (end < (firstEnd[place] ?? 0)) firstEnd[place] = end
    if (call > (lastCall[place] ?? 0)) lastCall[place] = call
  }
  let first = Infinity
  for (let place = firstEnd.length - 1; place >= 0; place--) {
    const call = lastCall[place] ?? 0
    if (first < call) return tooLate(told, places, { end: first, call, place: place + neverThere })
    first = Math.min(first, firstEnd[place] ?? Infinity)
  }
  return undefined
}

function tooLate(
  told: readonly Operation[],
  places: Places,
  { end, call, place }: { readonly end: number; readonly call: number; readonly place: number },
): Violation {
  const first = told.find((one, n) => one.end === end && (places[n] ?? nowhere) > place)
  const second = told.find((one, n) => one.call === call && places[n] === place)
  const both = [first, second].filter((one) => one !== undefined)
  return broken('later is later', 'the second began after the first had ended and comes before it', ...both)
}

/** The state in which an operation that changes nothing may have been carried out: the first one at or after a place. */
export type Fits = (operation: Operation, from: number) => number | undefined

/**
 * Places operations that fit several states, each as early as it can be: that binds those after it least, so that if this
 * does not work nothing does. Says whether each fits somewhere.
 */
export function placeFreely(
  told: readonly Operation[],
  places: Places,
  free: (operation: Operation) => boolean,
  fits: Fits,
): boolean {
  // How far those had come by then that had ended, in order of their ends: who had ended before a call was placed before.
  const ends: number[] = []
  const furthest: number[] = []
  let from = neverThere
  for (const index of byEnd(told)) {
    const operation = told[index] as Operation
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

/** Operations are told as they end, mostly; those that never do come last. */
function byEnd(told: readonly Operation[]): number[] {
  const order: number[] = []
  const never: number[] = []
  const end = (index: number): number => told[index]?.end ?? Infinity
  let [latest, ordered] = [0, true]
  for (let n = 0; n < told.length; n++) {
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

/** How many of these numbers, which are in order, are below one. */
function countBelow(numbers: readonly number[], below: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) < below) low = middle + 1
    else high = middle
  }
  return low
}
