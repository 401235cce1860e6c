import { randomBytes } from 'node:crypto'
import type { Cluster, ComponentRef } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { HoldfastError } from '../errors.ts'
import { now } from '../record/clock.ts'
import type { Evidence, JournalRecord } from '../record/records.ts'
import { type DnsFailureOptions, dnsFailure } from './dns-failure.ts'
import { drain } from './drain.ts'
import type { Fault, Lease } from './fault.ts'
import { type HalfOpenOptions, halfOpen } from './half-open.ts'
import { type ImpairOptions, impair } from './impair.ts'
import { loseMachine } from './lose-machine.ts'
import { type Cut, type PartitionOptions, partition } from './partition.ts'
import { kill, pause, stop } from './process.ts'

const defaultTtlMs = 600_000

/** The faults of one scenario: each is written down before it is done, proven, and undone at the end whatever happens. */
export class Faults implements AsyncDisposable {
  readonly #cluster: Cluster
  readonly #emit: (record: JournalRecord) => void
  readonly #inForce = new Set<Lease>()
  #permanent = false

  readonly #witness: () => Promise<void>
  readonly #signal: AbortSignal

  /** `witness` is called before each fault, after it has bitten and after it was undone: to look at what it did. */
  constructor(
    cluster: Cluster,
    emit: (record: JournalRecord) => void,
    witness: () => Promise<void>,
    signal: AbortSignal,
  ) {
    this.#cluster = cluster
    this.#emit = emit
    this.#witness = witness
    this.#signal = signal
  }

  /** Something was broken for good: the cluster is not what it was and can't serve another scenario. */
  get permanent(): boolean {
    return this.#permanent
  }

  /** SIGKILL; its supervisor leaves it down until healed, unless `stay` is false. */
  kill(ref: ComponentRef, options: { readonly stay?: boolean } = {}): Promise<Lease> {
    return this.inject(kill(ref, options))
  }

  /** SIGTERM, and down until healed. */
  stop(ref: ComponentRef): Promise<Lease> {
    return this.inject(stop(ref))
  }

  /** SIGSTOP until healed. */
  pause(ref: ComponentRef): Promise<Lease> {
    return this.inject(pause(ref))
  }

  /**
   * Ends the packets of pairs of machines (grudges.ts has the shapes): silently, or refused. Between etcd members on the
   * network that is theirs alone, else on the one that all machines share, unless `network` says otherwise.
   */
  async partition(cuts: readonly Cut[], options: PartitionOptions = {}): Promise<Lease> {
    return this.inject(partition(cuts, options))
  }

  /** Makes the packets of pairs of machines late, lost, doubled, damaged, overtaken or slow, TCP and UDP alike. */
  async impair(cuts: readonly Cut[], options: ImpairOptions): Promise<Lease> {
    return this.inject(impair(cuts, options))
  }

  /** Half-open TCP connections: what one end sends on those it has opened does not arrive; both take them for open. */
  async halfOpen(cuts: readonly Cut[], options: HalfOpenOptions = {}): Promise<Lease> {
    return this.inject(halfOpen(cuts, options))
  }

  /** The cluster's DNS is silent, or refuses, for these machines and their pods. */
  dnsFailure(machines: readonly Machine[], options: DnsFailureOptions = {}): Promise<Lease> {
    return this.inject(dnsFailure(this.#cluster, machines, options))
  }

  /** `kubectl drain`, and `kubectl uncordon` to heal. */
  drain(machine: Machine, options: { readonly timeoutSeconds: number }): Promise<Lease> {
    return this.inject(drain(this.#cluster, machine, { ...options, signal: this.#signal, onCommand: this.#emit }))
  }

  /** A power cut from which the machine does not return. */
  loseMachine(machine: Machine): Promise<Lease> {
    return this.inject(loseMachine(machine))
  }

  /**
   * @throws HoldfastError HF_FAULT_UNAVAILABLE before anything is touched
   * @throws HoldfastError HF_FAULT_UNPROVEN when it may not have bitten; it has been undone then
   */
  async inject(fault: Fault): Promise<Lease> {
    const why = await fault.available()
    if (why !== undefined) {
      throw new HoldfastError('HF_FAULT_UNAVAILABLE', `The fault ${fault.name} can't be injected: ${why}.`, {
        hint: 'Choose a target that the fault can hit.',
      })
    }
    const lease = { id: `${fault.name}-${randomBytes(4).toString('hex')}`, ttlMs: defaultTtlMs }
    const tell = (edge: 'intent' | 'injected' | 'healed' | 'unproven', evidence: readonly Evidence[]): void =>
      this.#emit({
        kind: 'fault',
        at: now(),
        id: lease.id,
        fault: fault.name,
        target: fault.target,
        edge,
        ...(fault.permanent ? { permanent: true } : {}),
        evidence: [...evidence],
      })
    await this.#witness()
    tell('intent', [])
    this.#permanent ||= fault.permanent ?? false
    let evidence: readonly Evidence[]
    try {
      evidence = await fault.inject(lease)
    } catch (cause) {
      await fault.heal(lease).catch(() => undefined)
      const reason = cause instanceof Error ? cause.message : String(cause)
      tell('unproven', [{ proves: 'nothing', facts: { reason } }])
      throw new HoldfastError('HF_FAULT_UNPROVEN', `The fault ${fault.name} was not proven: ${reason}.`, {
        hint: 'The run is invalid. Look at the journal for what was seen.',
        cause,
      })
    }
    tell('injected', evidence)
    await this.#witness()
    let healing: Promise<void> | undefined
    const heal = async (): Promise<void> => {
      this.#inForce.delete(held)
      if (fault.permanent) return
      tell('healed', await fault.heal(lease))
      await this.#witness()
    }
    const held: Lease = {
      fault,
      evidence,
      heal: () => (healing ??= heal()),
      [Symbol.asyncDispose]: () => (healing ??= heal()),
    }
    this.#inForce.add(held)
    return held
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const results = await Promise.allSettled([...this.#inForce].map((lease) => lease.heal()))
    for (const result of results) {
      if (result.status === 'rejected')
        this.#emit({ kind: 'rig', at: now(), message: `a fault could not be healed: ${String(result.reason)}` })
    }
  }
}
