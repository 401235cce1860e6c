import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../common/error-message.mjs'
import type { Evidence, JournalRecord } from '../../record/records.ts'
import { type FaultArguments, faultKindNamed, makeFaults } from '../../faults/catalogue/make-faults.ts'
import { createFaults } from '../../faults/catalogue/faults.ts'
import { Intents } from '../../faults/engine/intents.ts'
import type { ActiveFault } from '../../faults/engine/fault.ts'
import { HoldfastError } from '../../common/errors.ts'
import { revertOrphanedFaults } from '../orphans/orphaned-runs.ts'
import { attach } from './attach.ts'
import { Guardian } from '../guardian/guardian.ts'
import { keptRun } from './kept-cluster.ts'
import { marginMs, refuseLongOptions, timeInForce } from './time-in-force.ts'

export interface InjectOptions extends FaultArguments {
  /** How long the fault stays active: `30s`. */
  readonly for: string
  /** Name of the kept cluster. Default: the only one. */
  readonly cluster?: string | undefined
  readonly signal: AbortSignal
  /** Called for each orphaned fault that is reverted first. */
  readonly note: (text: string) => void
  /** Called for each edge of each fault. */
  readonly emit: (record: JournalRecord) => void
}

export interface Injected {
  readonly fault: string
  readonly machines: readonly string[]
  readonly component: string | undefined
  readonly evidence: readonly Evidence[]
}

/**
 * Injects a fault into a kept cluster, on all targets at once, and heals it after the time or when the signal aborts. Uses the
 * same intents, TTLs and guardian as a run.
 * @throws HoldfastError with exit code 64 before any change; HF_FAULT_UNPROVEN after everything was reverted
 */
export async function injectByHand(options: InjectOptions): Promise<readonly Injected[]> {
  const forMs = timeInForce(options.for)
  refuseLongOptions(options.options)
  const kind = faultKindNamed(options.fault)
  const lacking = await kind.lacking?.()
  if (lacking !== undefined) {
    throw new HoldfastError('HF_FAULT_UNAVAILABLE', `Fault ${kind.name} is not available on this host: ${lacking}.`, {
      hint: 'List the available faults with `holdfast faults`.',
      exitCode: 64,
    })
  }
  const { run, folder } = await keptRun(options.cluster)
  const { emit, signal } = options
  await revertOrphanedFaults(run, folder, options.note).catch((error: unknown) => options.note(errorMessage(error)))
  const cluster = await attach(folder, emit)
  const planned = await makeFaults(options, { cluster, signal, emit }, anyOf)
  const guardian = new Guardian(run, folder)
  try {
    await using faults = createFaults(cluster, emit, () => Promise.resolve(), signal)
    const activeFaults = await together(planned.map((fault) => () => faults.inject(fault, { ttlMs: forMs + marginMs })))
    await delay(forMs, undefined, { signal }).catch(() => undefined)
    for (const active of activeFaults) await active.heal()
    return activeFaults.map(({ fault, evidence }) => ({
      fault: fault.name,
      machines: fault.target.machines,
      component: fault.target.component,
      evidence,
    }))
  } finally {
    await Promise.all(cluster.machines.map((machine) => machine.disconnect()))
    // Faults that can't be healed now (the engine is gone) are left to the guardian, which waits for the engine.
    if (new Intents(folder).all().some(({ holder }) => holder.pid === process.pid)) guardian.takeOver()
    else await guardian.standDown()
  }
}

/** Injects all at once. An error is thrown only after all injections ended, so that every one can be healed. */
async function together(injections: readonly (() => Promise<ActiveFault>)[]): Promise<ActiveFault[]> {
  const results = await Promise.allSettled(injections.map((inject) => inject()))
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

function anyOf<T>(from: readonly T[]): T {
  const one = from[Math.floor(Math.random() * from.length)]
  if (one === undefined) throw new Error('there is nothing to choose from')
  return one
}
