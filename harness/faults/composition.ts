import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { refuseClash } from './claims.ts'
import type { Fault } from './fault.ts'
import { noEffect, requirePositive } from './settings.ts'

/*
 * Several faults as one: `sequence(kill(a), after(event, together(pause(b), pause(c))))`. Each stays a fault of its own in the
 * record, with its own lease and evidence. What can't be is refused before the first of them is touched.
 */

/** What a plan is carried out with. */
export interface Conductor {
  inject(fault: Fault): Promise<Healable>
  readonly signal: AbortSignal
}

export interface Healable {
  heal(): Promise<void>
}

export interface Plan {
  /** Every fault that it may inject. */
  readonly faults: readonly Fault[]
  /** Those that are in force after `start` has come back. */
  readonly lasting: readonly Fault[]
  /** @throws HoldfastError HF_FAULTS_CLASH when parts of it exclude each other; touches nothing */
  refuse(): void
  /** Comes back when it has bitten, or is over; what it has started is healed by what it answers, or already if it fails. */
  start(conductor: Conductor): Promise<Healable>
}

/** An event that is waited for: what it is in words, how it is seen, and how long at most, in milliseconds. */
export interface PlanEvent {
  readonly what: string
  readonly seen: () => Promise<boolean> | boolean
  readonly withinMs: number
}

const isFault = (part: Plan | Fault): part is Fault => 'inject' in part

function plan(part: Plan | Fault): Plan {
  if (!isFault(part)) return part
  return { faults: [part], lasting: [part], refuse: () => undefined, start: ({ inject }) => inject(part) }
}

/** @throws HoldfastError HF_BAD_OPTION for a plan of nothing */
function someOf(parts: readonly (Plan | Fault)[]): Plan[] {
  if (parts.length > 0) return parts.map(plan)
  throw noEffect('A plan of no faults changes nothing.', { hint: 'Give it at least one fault.' })
}

/** All at the same time, and healed at the same time. */
export function together(...parts: readonly (Plan | Fault)[]): Plan {
  return overlapping(parts, (plans, conductor) => plans.map((one) => one.start(conductor)))
}

/** Each so many milliseconds after the one before, whether or not that has bitten by then. */
export function staggered(everyMs: number, ...parts: readonly (Plan | Fault)[]): Plan {
  return overlapping(parts, (plans, conductor) =>
    plans.map(async (one, n) => {
      await delay(n * everyMs, undefined, { signal: conductor.signal })
      return one.start(conductor)
    }),
  )
}

/** One after the other, each when the one before has bitten, or is over; healed in the other direction. */
export function sequence(...parts: readonly (Plan | Fault)[]): Plan {
  const plans = someOf(parts)
  return {
    faults: plans.flatMap(({ faults }) => faults),
    lasting: plans.flatMap(({ lasting }) => lasting),
    refuse: () => refuseClashes(plans, ({ lasting }) => lasting),
    start: async (conductor) => {
      const started: Healable[] = []
      try {
        for (const one of plans) started.push(await one.start(conductor))
      } catch (error) {
        await healBackwards(started)
        throw error
      }
      return { heal: () => healBackwards(started) }
    },
  }
}

/** In force for so many milliseconds, then healed. */
export function lasting(forMs: number, part: Plan | Fault): Plan {
  const whole = plan(part)
  return {
    faults: whole.faults,
    lasting: [],
    refuse: () => whole.refuse(),
    start: async (conductor) => {
      const started = await whole.start(conductor)
      try {
        await delay(forMs, undefined, { signal: conductor.signal })
      } finally {
        await started.heal()
      }
      return nothing
    },
  }
}

/**
 * So many times: injected, healed, and again. How long each lasts is for `lasting` to say.
 * @throws HoldfastError HF_BAD_OPTION for no time at all
 */
export function repeat(times: number, part: Plan | Fault): Plan {
  requirePositive('repeat', { times })
  const whole = plan(part)
  return {
    faults: whole.faults,
    lasting: [],
    refuse: () => whole.refuse(),
    start: async (conductor) => {
      for (let n = 0; n < times; n++) await (await whole.start(conductor)).heal()
      return nothing
    },
  }
}

/** Once an event has been seen. @throws HoldfastError HF_NOT_IN_TIME when it has not; nothing was injected then */
export function after({ what, seen, withinMs }: PlanEvent, part: Plan | Fault): Plan {
  const whole = plan(part)
  return {
    ...whole,
    start: async (conductor) => {
      await eventually(what, seen, { withinMs, everyMs: 10, signal: conductor.signal })
      return whole.start(conductor)
    },
  }
}

const nothing: Healable = { heal: () => Promise.resolve() }

function overlapping(
  parts: readonly (Plan | Fault)[],
  start: (plans: readonly Plan[], conductor: Conductor) => readonly Promise<Healable>[],
): Plan {
  const plans = someOf(parts)
  return {
    faults: plans.flatMap(({ faults }) => faults),
    lasting: plans.flatMap((one) => one.lasting),
    refuse: () => refuseClashes(plans, ({ faults }) => faults),
    start: async (conductor) => {
      const results = await Promise.allSettled(start(plans, conductor))
      const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      const healAll = async (): Promise<void> => {
        const healed = await Promise.allSettled(started.map((one) => one.heal()))
        for (const one of healed) if (one.status === 'rejected') throw one.reason
      }
      for (const result of results) {
        if (result.status === 'fulfilled') continue
        await healAll()
        throw result.reason
      }
      return { heal: healAll }
    },
  }
}

/** All of them, whatever becomes of one. @throws the first error */
async function healBackwards(started: readonly Healable[]): Promise<void> {
  const errors: unknown[] = []
  for (const one of started.toReversed()) await one.heal().catch((error: unknown) => errors.push(error))
  for (const error of errors) throw error
}

/** Refuses a plan of which some fault excludes one of those that are still in force from the plans before it. */
function refuseClashes(plans: readonly Plan[], stillInForce: (plan: Plan) => readonly Fault[]): void {
  const others: Fault[] = []
  for (const one of plans) {
    one.refuse()
    for (const fault of one.faults) refuseClash(fault, others)
    others.push(...stillInForce(one))
  }
}
