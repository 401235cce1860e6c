import { randomBytes } from 'node:crypto'
import { longestTimerMs } from '../duration.ts'
import { HoldfastError } from '../errors.ts'
import { thisProcess } from '../process-identity.ts'
import { now } from '../record/clock.ts'
import type { Evidence, JournalRecord, RecordOf } from '../record/records.ts'
import { claim } from './claim.ts'
import { refuseClash } from './claims.ts'
import type { Fault, Lease } from './fault.ts'
import type { Intents } from './intents.ts'

/** A look at the cluster around a fault. */
export interface FaultEdge {
  readonly fault: string
  readonly moment: 'before' | 'effect' | 'healed'
}

export interface InjectionContext {
  readonly intents: Intents
  readonly emit: (record: JournalRecord) => void
  /** Called before a fault, after it has bitten and after it was undone: to look at what it did. */
  readonly witness: (edge: FaultEdge) => Promise<void>
  /** Ends waits for evidence; healing is not ended by it. */
  readonly signal?: AbortSignal
}

type Tell = (edge: RecordOf<'fault'>['edge'], evidence: readonly Evidence[], revertingAt?: number) => void

/** How long after the end of its time a lease is healed from here, where the machine itself has not done it. */
const graceMs = 250

/** Carries faults out one by one, and knows which are in force. */
export class Injection {
  readonly #context: InjectionContext
  readonly #inForce = new Map<Lease, Fault>()
  /** From before their intent is written until they have bitten, or have not. */
  readonly #beginning = new Set<Fault>()
  #dirty = false

  constructor(context: InjectionContext) {
    this.#context = context
  }

  /** Something was broken for good, or could not be undone. */
  get dirty(): boolean {
    return this.#dirty
  }

  get inForce(): readonly Fault[] {
    return [...this.#beginning, ...this.#inForce.values()]
  }

  /** Refuses what can't be done, before anything is touched. @throws HoldfastError as `inject` does */
  async check(fault: Fault, ttlMs: number): Promise<void> {
    if (!(ttlMs > 0 && ttlMs <= longestTimerMs)) {
      throw new HoldfastError('HF_BAD_TTL', `Invalid ttlMs ${ttlMs}: must be above 0 and at most ${longestTimerMs}.`, {
        hint: 'Give the time in milliseconds after which the fault ends, whatever dies.',
        exitCode: 64,
      })
    }
    const elsewhere = () => this.#context.intents.ofOthers().map(({ fault: name, claims }) => ({ name, claims }))
    refuseClash(fault, [...this.inForce, ...elsewhere()])
    const why = await fault.available()
    if (why === undefined) return
    // Where another process has begun since, its fault is the reason.
    refuseClash(fault, [...this.inForce, ...elsewhere()])
    throw new HoldfastError('HF_FAULT_UNAVAILABLE', `The fault ${fault.name} can't be injected: ${why}.`, {
      hint: 'Choose a target that the fault can hit.',
      exitCode: 64,
    })
  }

  /**
   * @throws HoldfastError HF_BAD_TTL, HF_FAULTS_CLASH, HF_FAULT_UNAVAILABLE, HF_NO_INTENT before anything is touched
   * @throws HoldfastError HF_FAULT_UNPROVEN when it may not have bitten; it has been undone then
   */
  async inject(fault: Fault, ttlMs: number): Promise<Lease> {
    await this.check(fault, ttlMs)
    const { witness } = this.#context
    const id = `${fault.name}-${randomBytes(4).toString('hex')}`
    const tell = this.#teller(fault, id)
    let held: Lease
    await witness({ fault: id, moment: 'before' })
    // Another one may have begun since that was looked at.
    refuseClash(fault, this.inForce)
    this.#beginning.add(fault)
    try {
      await this.#intend(fault, id, ttlMs)
      tell('intent', [])
      this.#dirty ||= fault.permanent ?? false
      const evidence = await this.#proven(fault, id, ttlMs, tell)
      tell('injected', evidence)
      held = this.#hold(fault, id, ttlMs, evidence, tell)
    } finally {
      this.#beginning.delete(fault)
    }
    await witness({ fault: id, moment: 'effect' })
    return held
  }

  async #proven(fault: Fault, id: string, ttlMs: number, tell: Tell): Promise<readonly Evidence[]> {
    try {
      return await fault.inject({ id, ttlMs, signal: this.#context.signal })
    } catch (cause) {
      await this.#undoUnproven(fault, id)
      const reason = cause instanceof Error ? cause.message : String(cause)
      tell('unproven', [{ proves: 'nothing', facts: { reason } }])
      throw new HoldfastError('HF_FAULT_UNPROVEN', `The fault ${fault.name} was not proven: ${reason}.`, {
        hint: 'The run is invalid. Look at the journal for what was seen.',
        cause,
      })
    }
  }

  /** Heals all that are in force, what can wedge a machine first; tells what could not be healed. */
  async healAll(): Promise<void> {
    for (const first of [true, false]) {
      const leases = [...this.#inForce].filter(([, fault]) => (fault.first ?? false) === first)
      for (const result of await Promise.allSettled(leases.map(([lease]) => lease.heal())))
        if (result.status === 'rejected') this.#trouble(`a fault could not be healed: ${String(result.reason)}`)
    }
  }

  #hold(fault: Fault, id: string, ttlMs: number, evidence: readonly Evidence[], tell: Tell): Lease {
    let healing: Promise<void> | undefined
    const heal = async (expired: boolean): Promise<void> => {
      clearTimeout(timer)
      if (fault.permanent) {
        // Nothing of it is in force any more that another fault would have to keep clear of.
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
      const evidence = early ? [...ended, { proves: 'it ended before it was healed', facts: { early } }] : ended
      tell('healed', evidence, revertingAt)
      await this.#context.witness({ fault: id, moment: 'healed' })
    }
    // One that could not be healed is tried again when it is asked for again: what stood in the way may be gone.
    const once = (expired = false): Promise<void> =>
      (healing ??= heal(expired).catch((error: unknown) => {
        healing = undefined
        throw error
      }))
    const timer = setTimeout(() => {
      once(true).catch((error: unknown) => this.#trouble(`a lease ran out and could not be healed: ${String(error)}`))
    }, ttlMs + graceMs)
    timer.unref()
    const held: Lease = { fault, evidence, heal: () => once(), [Symbol.asyncDispose]: () => once() }
    this.#inForce.set(held, fault)
    return held
  }

  async #intend(fault: Fault, lease: string, ttlMs: number): Promise<void> {
    try {
      const undo = [...(await fault.undo({ id: lease }))]
      const claims = [...(fault.claims ?? [])]
      const intent = { lease, fault: fault.name, until: now() + ttlMs, holder: thisProcess(), undo, claims }
      await claim(this.#context.intents, intent)
    } catch (cause) {
      if (cause instanceof HoldfastError && cause.code === 'HF_FAULTS_CLASH') throw cause
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new HoldfastError('HF_NO_INTENT', `The intent of ${fault.name} could not be written down: ${why}.`, {
        hint: "Nothing was touched. Make room in the run's folder.",
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
      this.#trouble(`a fault that was not proven could not be undone: ${String(error)}`)
    }
  }

  #trouble(message: string): void {
    this.#context.emit({ kind: 'rig', at: now(), message })
  }

  #teller(fault: Fault, id: string): Tell {
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
