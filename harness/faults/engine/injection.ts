import { randomBytes } from 'node:crypto'
import { longestTimerMs } from '../../common/duration.ts'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import { thisProcess } from '../../common/process-identity.ts'
import { now } from '../../record/clock.ts'
import type { Evidence, JournalRecord, RecordOf } from '../../record/records.ts'
import { storeIntent } from './store-intent.ts'
import { refuseClash } from './claims.ts'
import type { Fault, ActiveFault } from './fault.ts'
import type { Intents } from './intents.ts'

/** A moment of a fault at which a snapshot is taken. */
export interface FaultPhase {
  readonly fault: string
  readonly moment: 'before' | 'effect' | 'healed'
}

export interface InjectionContext {
  readonly intents: Intents
  readonly emit: (record: JournalRecord) => void
  /** Called before a fault, after its effect and after its reversal, to take a snapshot. */
  readonly witness: (edge: FaultPhase) => Promise<void>
  /** Ends waits for evidence; it does not stop a reversal. */
  readonly signal?: AbortSignal
}

type Emit = (edge: RecordOf<'fault'>['edge'], evidence: readonly Evidence[], revertingAt?: number) => void

/** Time after the end of the TTL before the harness reverts a fault that the machine has not reverted itself. */
const graceMs = 250

/** Injects faults and tracks the active ones. */
export class Injection {
  readonly #context: InjectionContext
  readonly #inForce = new Map<ActiveFault, Fault>()
  /** Faults from before their intent is stored until their effect is confirmed or not. */
  readonly #beginning = new Set<Fault>()
  #dirty = false

  constructor(context: InjectionContext) {
    this.#context = context
  }

  /** True after a permanent fault or a failed reversal. */
  get dirty(): boolean {
    return this.#dirty
  }

  get inForce(): readonly Fault[] {
    return [...this.#beginning, ...this.#inForce.values()]
  }

  /** Refuses an impossible fault without side effects. @throws HoldfastError as `inject` does */
  async check(fault: Fault, ttlMs: number): Promise<void> {
    if (!(ttlMs > 0 && ttlMs <= longestTimerMs)) {
      throw new HoldfastError('HF_BAD_TTL', `Invalid ttlMs ${ttlMs}: must be above 0 and at most ${longestTimerMs}.`, {
        hint: 'Give the time in milliseconds after which the fault is reverted.',
        exitCode: 64,
      })
    }
    const elsewhere = () => this.#context.intents.ofOthers().map(({ fault: name, claims }) => ({ name, claims }))
    refuseClash(fault, [...this.inForce, ...elsewhere()])
    const why = await fault.available()
    if (why === undefined) return
    // A fault that another process has started meanwhile is the better explanation.
    refuseClash(fault, [...this.inForce, ...elsewhere()])
    throw new HoldfastError('HF_FAULT_UNAVAILABLE', `The fault ${fault.name} can't be injected: ${why}.`, {
      hint: 'Choose another target, or another fault.',
      exitCode: 64,
    })
  }

  /**
   * @throws HoldfastError HF_BAD_TTL, HF_FAULTS_CLASH, HF_FAULT_UNAVAILABLE, HF_NO_INTENT before any change
   * @throws HoldfastError HF_FAULT_UNPROVEN when the effect is not confirmed, after the fault is reverted
   */
  async inject(fault: Fault, ttlMs: number): Promise<ActiveFault> {
    await this.check(fault, ttlMs)
    const { witness } = this.#context
    const id = `${fault.name}-${randomBytes(4).toString('hex')}`
    const emit = this.#emitter(fault, id)
    let held: ActiveFault
    await witness({ fault: id, moment: 'before' })
    // Another fault may have started since the check.
    refuseClash(fault, this.inForce)
    this.#beginning.add(fault)
    try {
      await this.#intend(fault, id, ttlMs)
      emit('intent', [])
      this.#dirty ||= fault.permanent ?? false
      const evidence = await this.#proven(fault, id, ttlMs, emit)
      emit('injected', evidence)
      held = this.#hold(fault, id, ttlMs, evidence, emit)
    } finally {
      this.#beginning.delete(fault)
    }
    await witness({ fault: id, moment: 'effect' })
    return held
  }

  async #proven(fault: Fault, id: string, ttlMs: number, emit: Emit): Promise<readonly Evidence[]> {
    try {
      return await fault.inject({ id, ttlMs, signal: this.#context.signal })
    } catch (cause) {
      await this.#undoUnproven(fault, id)
      const reason = errorMessage(cause)
      emit('unproven', [{ proves: 'nothing', facts: { reason } }])
      throw new HoldfastError(
        'HF_FAULT_UNPROVEN',
        `The effect of the fault ${fault.name} is not confirmed: ${reason}.`,
        {
          hint: "See the fault's records in the journal. Verdicts that depend on the fault are invalid.",
          cause,
        },
      )
    }
  }

  /** Reverts every active fault, those that can block a machine first; records failures. */
  async healAll(): Promise<void> {
    for (const first of [true, false]) {
      const activeFaults = [...this.#inForce].filter(([, fault]) => (fault.first ?? false) === first)
      for (const result of await Promise.allSettled(activeFaults.map(([active]) => active.heal())))
        if (result.status === 'rejected') this.reportError(`a fault could not be reverted: ${String(result.reason)}`)
    }
  }

  #hold(fault: Fault, id: string, ttlMs: number, evidence: readonly Evidence[], emit: Emit): ActiveFault {
    let healing: Promise<void> | undefined
    const heal = async (expired: boolean): Promise<void> => {
      clearTimeout(timer)
      if (fault.permanent) {
        // A permanent fault no longer excludes others.
        this.#inForce.delete(held)
        return this.#context.intents.remove(id)
      }
      const revertingAt = now()
      const ended = await fault.heal({ id }).catch((error: unknown) => {
        this.#dirty = true
        throw error
      })
      this.#inForce.delete(held)
      this.#context.intents.remove(id)
      const early = expired || ended.some(({ facts }) => facts['already'] === true)
      const evidence = early
        ? [...ended, { proves: 'the fault ended before it was reverted', facts: { early } }]
        : ended
      emit('healed', evidence, revertingAt)
      await this.#context.witness({ fault: id, moment: 'healed' })
    }
    // A failed reversal is repeated on the next call, because its cause may be gone.
    const once = (expired = false): Promise<void> =>
      (healing ??= heal(expired).catch((error: unknown) => {
        healing = undefined
        throw error
      }))
    const timer = setTimeout(() => {
      once(true).catch((error: unknown) =>
        this.reportError(`a fault whose TTL ended could not be reverted: ${errorMessage(error)}`),
      )
    }, ttlMs + graceMs)
    timer.unref()
    const held: ActiveFault = { fault, evidence, heal: () => once(), [Symbol.asyncDispose]: () => once() }
    this.#inForce.set(held, fault)
    return held
  }

  async #intend(fault: Fault, id: string, ttlMs: number): Promise<void> {
    try {
      const undo = [...(await fault.undo({ id: id }))]
      const claims = [...(fault.claims ?? [])]
      const intent = { id, fault: fault.name, until: now() + ttlMs, holder: thisProcess(), undo, claims }
      await storeIntent(this.#context.intents, intent)
    } catch (cause) {
      if (cause instanceof HoldfastError && cause.code === 'HF_FAULTS_CLASH') throw cause
      const why = errorMessage(cause)
      throw new HoldfastError('HF_NO_INTENT', `The intent of ${fault.name} can't be stored: ${why}.`, {
        hint: "Free space in the run's folder. The fault was not injected.",
        cause,
      })
    }
  }

  async #undoUnproven(fault: Fault, id: string): Promise<void> {
    try {
      await fault.heal({ id })
      this.#context.intents.remove(id)
    } catch (error) {
      this.#dirty = true
      this.reportError(`an unproven fault could not be reverted: ${errorMessage(error)}`)
    }
  }

  reportError(message: string): void {
    this.#context.emit({ kind: 'rig', at: now(), message })
  }

  #emitter(fault: Fault, id: string): Emit {
    return (edge, evidence, revertingAt) =>
      this.#context.emit({
        kind: 'fault',
        at: now(),
        id,
        fault: fault.name,
        target: fault.target,
        edge,
        ...(fault.permanent ? { permanent: true } : {}),
        ...(revertingAt === undefined ? {} : { revertingAt }),
        evidence: [...evidence],
      })
  }
}
