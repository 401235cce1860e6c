import type { Operation } from './history.ts'
import { filled } from './filled.ts'
import { absent, type Register, sameRegister, step } from './register-model.ts'
import { type Line, type Moment, moments, slotsOf } from './moments.ts'

/** What a search may use. */
export interface Budget {
  /** Configurations kept at once: each is some 100 bytes and four more for every 32 open operations. */
  readonly maxConfigurations: number
  /** Asked every now and then: true ends the search undecided. */
  readonly spent: () => boolean
}

export type Search =
  | { readonly result: 'holds' }
  | { readonly result: 'violated'; readonly stuck: Operation }
  | { readonly result: 'undecided'; readonly reason: string }

interface Configuration {
  readonly at: number
  readonly state: Register
  /** Which open operations were carried out already: a bit for each slot. */
  readonly done: Uint32Array
  /** The same for operations of unknown outcome, which stay open for ever. */
  readonly risked: Uint32Array
}

const checkEvery = 256

/**
 * Wing and Gong's search for an order in which one object's operations could have happened one by one, with Lowe's two
 * improvements: operations are ordered only when one of them has returned and has to be (just in time), and a
 * configuration that failed is not tried again. Three more follow from the model: a read that fits is ordered at once,
 * because it changes nothing; a configuration fails if one that has risked less failed, because what is unknown never has to
 * happen; and it fails where somebody is still to be ordered who was told of a revision that has passed.
 */
export function search(operations: readonly Operation[], budget: Budget): Search {
  const line = moments(operations)
  const { slots, known, unknown } = slotsOf(operations, line)
  const latest = operations.map(latestFloor)
  const later = latestOfLater(line, latest)
  const returnOf = filled(operations.length, 0)
  for (const { index, returns } of line) returnOf[returns] = index
  const tried = new Map<string, Uint32Array[]>()
  const stack: Configuration[] = [
    { at: 0, state: absent, done: new Uint32Array((known + 31) >> 5), risked: new Uint32Array((unknown + 31) >> 5) },
  ]
  let [furthest, steps, kept] = [0, 0, 0]
  const at = (index: number): Operation => operations[index] as Operation
  /** Whether somebody but one can't be ordered any more, who is then the one that gets stuck. */
  const tooLate = ({ floor }: Register, { index, open }: Moment, done: Uint32Array, but: number): boolean => {
    const beyond = (one: number): boolean => (latest[one] ?? Infinity) < floor
    const own = open.find((one) => one !== but && beyond(one) && !has(done, slots[one] ?? 0)) ?? later[index] ?? -1
    if (own < 0 || !beyond(own)) return false
    furthest = Math.max(furthest, returnOf[own] ?? 0)
    return true
  }
  for (let now = stack.pop(); now; now = stack.pop()) {
    if (++steps % checkEvery === 0 && budget.spent()) return undecided('time')
    const { state } = now
    const done = now.done.slice()
    let moment: Moment | undefined
    let waiting: Operation | undefined
    let index = now.at
    for (; (moment = line[index]); index++) {
      for (const open of moment.open) {
        if (!has(done, slots[open] ?? 0) && step(state, at(open)) === state) set(done, slots[open] ?? 0)
      }
      waiting = at(moment.returns)
      const slot = slots[moment.returns] ?? 0
      if (!has(done, slot)) break
      clear(done, slot)
    }
    if (!moment || !waiting) return { result: 'holds' }
    furthest = Math.max(furthest, index)
    const name = `${index} ${state.revision} ${state.value} ${state.floor} ${done.join()}`
    const failed = tried.get(name)
    if (failed?.some((less) => within(less, now.risked))) continue
    if (++kept > budget.maxConfigurations) return undecided('memory')
    if (failed) failed.push(now.risked)
    else tried.set(name, [now.risked])
    // The last one pushed is tried first: the one that has to be ordered, then what was answered, then what is unknown.
    for (let n = moment.unknown; n-- > 0;) {
      const index = line.unknown[n] ?? 0
      const slot = slots[index] ?? 0
      if (has(now.risked, slot)) continue
      const next = step(state, at(index))
      if (next && !sameRegister(next, state) && !tooLate(next, moment, done, index)) {
        stack.push({ at: moment.index, state: next, done, risked: set(now.risked.slice(), slot) })
      }
    }
    for (const open of moment.open) {
      const slot = slots[open] ?? 0
      if (open === moment.returns || has(done, slot)) continue
      const next = step(state, at(open))
      if (!next || tooLate(next, moment, done, open)) continue
      stack.push({ at: moment.index, state: next, done: set(done.slice(), slot), risked: now.risked })
    }
    const next = step(state, waiting)
    if (next && !tooLate(next, moment, done, moment.returns)) {
      stack.push({ at: moment.index + 1, state: next, done, risked: now.risked })
    }
  }
  return { result: 'violated', stuck: at(line[furthest]?.returns ?? 0) }
}

/** Revisions go up: who was told of one, or asked for one that was there, is to be ordered before they are beyond it. */
function latestFloor({ outcome, revision, precondition }: Operation): number {
  if (outcome !== 'ok') return Infinity
  return Math.min(revision > 0 ? revision : Infinity, precondition > 0 ? precondition : Infinity)
}

/** By moment: which of all operations that are called after it is to be ordered first; -1 if none has to be. */
function latestOfLater(line: Line, latest: readonly number[]): number[] {
  const later = filled(line.length, -1)
  const dueAt = (one: number): number => latest[one] ?? Infinity
  for (let n = line.length - 1, first = -1; n >= 0; n--) {
    later[n] = first
    const { open, fresh } = line[n] as Moment
    for (let place = open.length - fresh; place < open.length; place++) {
      const one = open[place] ?? -1
      if (dueAt(one) < dueAt(first)) first = one
    }
  }
  return later
}

const undecided = (what: 'time' | 'memory'): Search => ({
  result: 'undecided',
  reason: `the search ran out of ${what}`,
})
const has = (bits: Uint32Array, slot: number): boolean => ((bits[slot >> 5] ?? 0) & (1 << (slot & 31))) !== 0
const within = (less: Uint32Array, more: Uint32Array): boolean =>
  less.every((word, n) => (word & ~(more[n] ?? 0)) === 0)

function set(bits: Uint32Array, slot: number): Uint32Array {
  bits[slot >> 5] = (bits[slot >> 5] ?? 0) | (1 << (slot & 31))
  return bits
}

function clear(bits: Uint32Array, slot: number): void {
  bits[slot >> 5] = (bits[slot >> 5] ?? 0) & ~(1 << (slot & 31))
}
