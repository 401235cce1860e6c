import type { Operation } from '../history.ts'
import { filled } from './filled.ts'
import { absent, type Register, sameRegister, step } from './register-model.ts'
import { type Line, type Moment, moments, slotsOf } from './moments.ts'

/** A partial order: everything before the return `at` is ordered, and the object is in `state`. */
export interface Configuration {
  readonly at: number
  readonly state: Register
  /** The open operations that are already ordered: a bit for each slot. */
  readonly done: Uint32Array
  /** The same for operations of unknown outcome, which never close. */
  readonly risked: Uint32Array
}

/** A configuration at the next return whose operation has to be ordered. */
export interface Reached extends Configuration {
  readonly moment: Moment
}

/** The configurations of one object's operations, and their successors. */
export class SearchSpace {
  readonly start: Configuration
  readonly #operations: readonly Operation[]
  readonly #line: Line
  readonly #slots: Int32Array
  /** By operation: the last revision before which it can be ordered. */
  readonly #latest: readonly number[]
  readonly #later: readonly number[]
  readonly #returnOf: readonly number[]
  #furthest = 0

  constructor(operations: readonly Operation[]) {
    const line = moments(operations)
    const { slots, known, unknown } = slotsOf(operations, line)
    this.#operations = operations
    this.#line = line
    this.#slots = slots
    this.#latest = operations.map(latestFloor)
    this.#later = latestOfLater(line, this.#latest)
    const returnOf = filled(operations.length, 0)
    for (const { index, returns } of line) returnOf[returns] = index
    this.#returnOf = returnOf
    this.start = { at: 0, state: absent, done: bitsFor(known), risked: bitsFor(unknown) }
  }

  /** The operation that no configuration so far could order. */
  get stuck(): Operation {
    return this.#operation(this.#line[this.#furthest]?.returns ?? 0)
  }

  /** Orders operations without a choice, up to a return with a choice; undefined if everything is ordered. */
  advance({ at, state, done: before, risked }: Configuration): Reached | undefined {
    const done = before.slice()
    for (let index = at, moment; (moment = this.#line[index]); index++) {
      for (const open of moment.open) {
        // A read that fits changes nothing: ordering it at once excludes no order.
        if (!has(done, this.#slot(open)) && step(state, this.#operation(open)) === state) set(done, this.#slot(open))
      }
      const slot = this.#slot(moment.returns)
      if (!has(done, slot)) {
        this.#furthest = Math.max(this.#furthest, index)
        return { at: index, state, done, risked, moment }
      }
      clear(done, slot)
    }
    return undefined
  }

  /**
   * The candidates to order next: the operation that has returned, then other answered operations, then unknown ones.
   */
  *successors({ at, state, done, risked, moment }: Reached): Generator<Configuration, undefined> {
    const { returns, open, unknown } = moment
    const waiting = this.#after(state, returns, moment, done)
    if (waiting) yield { at: at + 1, state: waiting, done, risked }
    for (const one of open.toReversed()) {
      if (one === returns || has(done, this.#slot(one))) continue
      const next = this.#after(state, one, moment, done)
      if (next) yield { at, state: next, done: set(done.slice(), this.#slot(one)), risked }
    }
    for (const one of this.#line.unknown.slice(0, unknown)) {
      if (has(risked, this.#slot(one))) continue
      const next = this.#after(state, one, moment, done)
      if (next && !sameRegister(next, state)) {
        yield { at, state: next, done, risked: set(risked.slice(), this.#slot(one)) }
      }
    }
  }

  #after(state: Register, one: number, moment: Moment, done: Uint32Array): Register | undefined {
    const next = step(state, this.#operation(one))
    return next && !this.#tooLate(next, moment, done, one) ? next : undefined
  }

  /** Whether an operation other than `but` can't be ordered any more: then that operation is stuck. */
  #tooLate({ floor }: Register, { index, open }: Moment, done: Uint32Array, but: number): boolean {
    const beyond = (one: number): boolean => (this.#latest[one] ?? Infinity) < floor
    const unordered = (one: number): boolean => one !== but && beyond(one) && !has(done, this.#slot(one))
    const own = open.find(unordered) ?? this.#later[index] ?? -1
    if (own < 0 || !beyond(own)) return false
    this.#furthest = Math.max(this.#furthest, this.#returnOf[own] ?? 0)
    return true
  }

  #operation(index: number): Operation {
    return this.#operations[index] as Operation
  }

  #slot(index: number): number {
    return this.#slots[index] ?? 0
  }
}

/** Revisions ascend: an operation that returned or required a revision is ordered before the store exceeds it. */
function latestFloor({ outcome, revision, precondition }: Operation): number {
  if (outcome !== 'ok') return Infinity
  return Math.min(revision > 0 ? revision : Infinity, precondition > 0 ? precondition : Infinity)
}

/** By moment: which operation called after it has to be ordered first; -1 if none has to be. */
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

const bitsFor = (slots: number): Uint32Array => new Uint32Array((slots + 31) >> 5)
const has = (bits: Uint32Array, slot: number): boolean => ((bits[slot >> 5] ?? 0) & (1 << (slot & 31))) !== 0

function set(bits: Uint32Array, slot: number): Uint32Array {
  bits[slot >> 5] = (bits[slot >> 5] ?? 0) | (1 << (slot & 31))
  return bits
}

function clear(bits: Uint32Array, slot: number): void {
  bits[slot >> 5] = (bits[slot >> 5] ?? 0) & ~(1 << (slot & 31))
}
