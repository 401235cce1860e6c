import type { Cluster } from '../cluster/cluster.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Healable, Plan } from './composition.ts'
import type { Fault, Lease } from './fault.ts'
import { type FaultEdge, Injection } from './injection.ts'
import { Intents } from './intents.ts'

const defaultTtlMs = 600_000

/** Carries out any fault: each is written down before it is done, proven, and undone at the end whatever happens. */
export class AnyFaults implements AsyncDisposable {
  protected readonly cluster: Cluster
  protected readonly emit: (record: JournalRecord) => void
  protected readonly signal: AbortSignal
  readonly #injection: Injection

  /** `witness` is called before each fault, after it has bitten and after it was undone: to look at what it did. */
  constructor(
    cluster: Cluster,
    emit: (record: JournalRecord) => void,
    witness: (edge: FaultEdge) => Promise<void>,
    signal: AbortSignal,
  ) {
    this.cluster = cluster
    this.emit = emit
    this.signal = signal
    this.#injection = new Injection({ intents: new Intents(cluster.folder), emit, witness, signal })
  }

  /** Something was broken for good, or could not be healed: the cluster is not what it was and can't serve another scenario. */
  get dirty(): boolean {
    return this.#injection.dirty
  }

  /**
   * Any fault, under a lease of at most `ttlMs` (default: ten minutes).
   * @throws HoldfastError HF_BAD_TTL, HF_FAULTS_CLASH, HF_FAULT_UNAVAILABLE, HF_NO_INTENT before anything is touched
   * @throws HoldfastError HF_FAULT_UNPROVEN when it may not have bitten; it has been undone then
   */
  inject(fault: Fault, { ttlMs = defaultTtlMs }: { readonly ttlMs?: number } = {}): Promise<Lease> {
    return this.#injection.inject(fault, ttlMs)
  }

  /**
   * Several faults as one plan (see composition.ts), each under a lease of its own of at most `ttlMs`.
   * @throws HoldfastError as `inject` does; what can't be is refused before the first of them is touched
   */
  async carryOut(
    plan: Plan,
    { ttlMs = defaultTtlMs }: { readonly ttlMs?: number } = {},
  ): Promise<AsyncDisposable & Healable> {
    plan.refuse()
    for (const fault of plan.faults) await this.#injection.check(fault, ttlMs)
    const healable = await plan.start({ inject: (fault) => this.inject(fault, { ttlMs }), signal: this.signal })
    return { heal: () => healable.heal(), [Symbol.asyncDispose]: () => healable.heal() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#injection.healAll()
  }
}
