import type { Cluster } from '../../cluster/cluster.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Healable, Plan } from './composition.ts'
import type { Fault, ActiveFault } from './fault.ts'
import { type FaultPhase, Injection } from './injection.ts'
import { Intents } from './intents.ts'

const defaultTtlMs = 600_000

/** Injects faults: stores each intent first, confirms the effect, and reverts every active fault at the end. */
export class AnyFaults implements AsyncDisposable {
  readonly #signal: AbortSignal
  readonly #injection: Injection

  /** `witness` is called before each fault, after its effect and after its reversal, to take a snapshot. */
  constructor(
    cluster: Cluster,
    emit: (record: JournalRecord) => void,
    witness: (edge: FaultPhase) => Promise<void>,
    signal: AbortSignal,
  ) {
    this.#signal = signal
    this.#injection = new Injection({ intents: new Intents(cluster.folder), emit, witness, signal })
  }

  /** True after a permanent fault or a failed reversal: the cluster must not run another scenario. */
  get dirty(): boolean {
    return this.#injection.dirty
  }

  /**
   * Injects a fault with a TTL of `ttlMs` (default: ten minutes).
   * @throws HoldfastError HF_BAD_TTL, HF_FAULTS_CLASH, HF_FAULT_UNAVAILABLE, HF_NO_INTENT before any change
   * @throws HoldfastError HF_FAULT_UNPROVEN when the effect is not confirmed, after the fault is reverted
   */
  inject(fault: Fault, { ttlMs = defaultTtlMs }: { readonly ttlMs?: number } = {}): Promise<ActiveFault> {
    return this.#injection.inject(fault, ttlMs)
  }

  /**
   * Injects a plan of several faults (see composition.ts), each with a TTL of `ttlMs`.
   * @throws HoldfastError as `inject` does; an impossible plan is refused before its first fault
   */
  async carryOut(
    plan: Plan,
    { ttlMs = defaultTtlMs }: { readonly ttlMs?: number } = {},
  ): Promise<AsyncDisposable & Healable> {
    plan.refuse()
    for (const fault of plan.faults) await this.#injection.check(fault, ttlMs)
    const healable = await plan.start({ inject: (fault) => this.inject(fault, { ttlMs }), signal: this.#signal })
    return { heal: () => healable.heal(), [Symbol.asyncDispose]: () => healable.heal() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#injection.healAll()
  }
}
