import { setTimeout as delay } from 'node:timers/promises'
import { HoldfastError } from '../../common/errors.ts'
import { eventually } from '../../common/eventually.ts'
import { refuseClash } from './claims.ts'
import type { Fault } from './fault.ts'

/*
 * Plans of several faults: `sequence(kill(a), after(event, together(pause(b), pause(c))))`. Each fault keeps its own records,
 * TTL and evidence. An impossible plan is refused before its first fault.
 */

/** The environment that runs a plan. */
export interface PlanContext {
  inject(fault: Fault): Promise<Healable>
  readonly signal: AbortSignal
}

export interface Healable {
  heal(): Promise<void>
}

export interface Plan {
  /** Every fault that the plan may inject. */
  readonly faults: readonly Fault[]
  /** The faults that are active after `start` returns. */
  readonly forDuration: readonly Fault[]
  /** @throws HoldfastError HF_FAULTS_CLASH when parts of the plan exclude each other; has no side effects */
  refuse(): void
  /** Returns when the plan is active or over. The result reverts it; a failed start has already reverted it. */
  start(context: PlanContext): Promise<Healable>
}

/** An awaited event: its description, its condition, and the timeout in milliseconds. */
export interface PlanEvent {
  readonly what: string
  readonly seen: () => Promise<boolean> | boolean
  readonly withinMs: number
}

const isFault = (part: Plan | Fault): part is Fault => 'inject' in part

function plan(part: Plan | Fault): Plan {
  if (!isFault(part)) return part
  return { faults: [part], forDuration: [part], refuse: () => undefined, start: ({ inject }) => inject(part) }
}

/** @throws HoldfastError HF_BAD_OPTION for an empty plan */
function someOf(parts: readonly (Plan | Fault)[]): Plan[] {
  if (parts.length > 0) return parts.map(plan)
  throw badPlan('expected at least one fault, got none', 'Add a fault to the plan.')
}

/** Starts all parts at the same time, and reverts them at the same time. */
export function together(...parts: readonly (Plan | Fault)[]): Plan {
  return overlapping(parts, (plans, context) => plans.map((one) => one.start(context)))
}

/** Starts each part `everyMs` milliseconds after the one before, without waiting for its effect. */
export function staggered(everyMs: number, ...parts: readonly (Plan | Fault)[]): Plan {
  return overlapping(parts, (plans, context) =>
    plans.map(async (one, n) => {
      await delay(n * everyMs, undefined, { signal: context.signal })
      return one.start(context)
    }),
  )
}

/** Starts each part when the one before is active or over; reverts them in reverse order. */
export function sequence(...parts: readonly (Plan | Fault)[]): Plan {
  const plans = someOf(parts)
  return {
    faults: plans.flatMap(({ faults }) => faults),
    forDuration: plans.flatMap(({ forDuration }) => forDuration),
    refuse: () => refuseClashes(plans, ({ forDuration }) => forDuration),
    start: async (context) => {
      const started: Healable[] = []
      try {
        for (const one of plans) started.push(await one.start(context))
      } catch (error) {
        await healBackwards(started)
        throw error
      }
      return { heal: () => healBackwards(started) }
    },
  }
}

/** Keeps a part active for `forMs` milliseconds, then reverts it. */
export function forDuration(forMs: number, part: Plan | Fault): Plan {
  const whole = plan(part)
  return {
    faults: whole.faults,
    forDuration: [],
    refuse: () => whole.refuse(),
    start: async (context) => {
      const started = await whole.start(context)
      try {
        await delay(forMs, undefined, { signal: context.signal })
      } finally {
        await started.heal()
      }
      return nothing
    },
  }
}

/**
 * Injects and reverts a part `times` times; `lasting` sets the duration of each.
 * @throws HoldfastError HF_BAD_OPTION unless `times` is greater than 0
 */
export function repeat(times: number, part: Plan | Fault): Plan {
  if (!(times > 0)) throw badPlan(`repeats ${times} times, expected more than 0`, 'Repeat it at least once.')
  const whole = plan(part)
  return {
    faults: whole.faults,
    forDuration: [],
    refuse: () => whole.refuse(),
    start: async (context) => {
      for (let n = 0; n < times; n++) await (await whole.start(context)).heal()
      return nothing
    },
  }
}

/** Starts a part after an event. @throws HoldfastError HF_NOT_IN_TIME without the event, before any injection */
export function after({ what, seen, withinMs }: PlanEvent, part: Plan | Fault): Plan {
  const whole = plan(part)
  return {
    ...whole,
    start: async (context) => {
      await eventually(what, seen, { timeoutMs: withinMs, intervalMs: 10, signal: context.signal })
      return whole.start(context)
    },
  }
}

function badPlan(why: string, hint: string): HoldfastError {
  return new HoldfastError('HF_BAD_OPTION', `Invalid plan: ${why}.`, { hint, exitCode: 64 })
}

const nothing: Healable = { heal: () => Promise.resolve() }

function overlapping(
  parts: readonly (Plan | Fault)[],
  start: (plans: readonly Plan[], context: PlanContext) => readonly Promise<Healable>[],
): Plan {
  const plans = someOf(parts)
  return {
    faults: plans.flatMap(({ faults }) => faults),
    forDuration: plans.flatMap((one) => one.forDuration),
    refuse: () => refuseClashes(plans, ({ faults }) => faults),
    start: async (context) => {
      const results = await Promise.allSettled(start(plans, context))
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

/** Reverts all, even when one fails. @throws the first error */
async function healBackwards(started: readonly Healable[]): Promise<void> {
  const errors: unknown[] = []
  for (const one of started.toReversed()) await one.heal().catch((error: unknown) => errors.push(error))
  for (const error of errors) throw error
}

/** Refuses a fault that conflicts with a fault still active from an earlier part. */
function refuseClashes(plans: readonly Plan[], stillInForce: (plan: Plan) => readonly Fault[]): void {
  const others: Fault[] = []
  for (const one of plans) {
    one.refuse()
    for (const fault of one.faults) refuseClash(fault, others)
    others.push(...stillInForce(one))
  }
}
