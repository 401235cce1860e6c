import { setTimeout as delay } from 'node:timers/promises'
import type { Evidence, JournalRecord } from '../record/records.ts'
import { type FaultWords, faultKindNamed, makeFaults } from '../faults/make-faults.ts'
import { Faults } from '../faults/faults.ts'
import { Intents } from '../faults/intents.ts'
import type { Lease } from '../faults/fault.ts'
import { HoldfastError } from '../errors.ts'
import { undoNobodys } from './abandoned.ts'
import { attach } from './attach.ts'
import { Guardian } from './guardian.ts'
import { keptRun } from './kept-cluster.ts'
import { marginMs, refuseLongOptions, timeInForce } from './time-in-force.ts'

export interface InjectOptions extends FaultWords {
  /** How long it is to be in force: `30s`. */
  readonly for: string
  /** The kept cluster; the only one where it is not named. */
  readonly cluster?: string | undefined
  readonly signal: AbortSignal
  /** Told of what was left by others and had to be undone first. */
  readonly note: (text: string) => void
  /** Told of each edge of each fault. */
  readonly emit: (record: JournalRecord) => void
}

export interface Injected {
  readonly fault: string
  readonly machines: readonly string[]
  readonly component: string | undefined
  readonly bit: readonly Evidence[]
}

/**
 * A fault by hand, on a cluster that is kept: injected on every target at once, and healed after the time or when the signal
 * aborts. The same leases, intents and guardian as in a run.
 * @throws HoldfastError with exit code 64 before anything is touched; HF_FAULT_UNPROVEN after everything was undone
 */
export async function injectByHand(options: InjectOptions): Promise<readonly Injected[]> {
  const forMs = timeInForce(options.for)
  refuseLongOptions(options.options)
  const kind = faultKindNamed(options.fault)
  const lacking = await kind.lacking?.()
  if (lacking !== undefined) {
    throw new HoldfastError('HF_FAULT_UNAVAILABLE', `This host does not support the fault ${kind.name}: ${lacking}.`, {
      hint: 'Choose a fault that `holdfast faults` lists as usable.',
      exitCode: 64,
    })
  }
  const { run, folder } = await keptRun(options.cluster)
  const { emit, signal } = options
  await undoNobodys(run, folder, options.note).catch((error: unknown) => options.note(String(error)))
  const cluster = await attach(folder, emit)
  const planned = await makeFaults(options, { cluster, signal, emit }, anyOf)
  const guardian = new Guardian(run, folder)
  try {
    await using faults = new Faults(cluster, emit, () => Promise.resolve(), signal)
    const leases = await together(planned.map((fault) => () => faults.inject(fault, { ttlMs: forMs + marginMs })))
    await delay(forMs, undefined, { signal }).catch(() => undefined)
    for (const lease of leases) await lease.heal()
    return leases.map(({ fault, evidence }) => ({
      fault: fault.name,
      machines: fault.target.machines,
      component: fault.target.component,
      bit: evidence,
    }))
  } finally {
    await Promise.all(cluster.machines.map((machine) => machine.disconnect()))
    // What could not be healed from here (the engine is gone) is the guardian's: it waits for the engine.
    if (new Intents(folder).all().some(({ holder }) => holder.pid === process.pid)) guardian.takeOver()
    else await guardian.standDown()
  }
}

/** All at once; where one fails, the others are there to be healed before it is told. */
async function together(injections: readonly (() => Promise<Lease>)[]): Promise<Lease[]> {
  const results = await Promise.allSettled(injections.map((inject) => inject()))
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

function anyOf<T>(from: readonly T[]): T {
  const one = from[Math.floor(Math.random() * from.length)]
  if (one === undefined) throw new Error('there is nothing to choose from')
  return one
}
