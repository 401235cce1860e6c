import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'
import { requireEvidence } from '../verdict/inconclusive.ts'
import { type Difference, compare } from './rules/compare.ts'
import { expectations } from './rules/model.ts'
import { type PortState, portHistory } from './port-history.ts'
import { readRules } from './rules/read-rules.ts'
import type { ProxyMachine } from './service-port.ts'
import type { RuleSet } from './rules/walk.ts'

/** One snapshot of a machine's rules. */
export interface RuleSnapshot {
  readonly at: number
  readonly endedAt: number
  readonly hash: string
  readonly record: RecordOf<'rules'>
}

/** One difference between a snapshot's rules and the requirements at that time. */
export interface Lag {
  readonly difference: Difference
  /**
   * How old the state is that the rules still implement: milliseconds from its end to the snapshot; undefined for no
   * known state.
   */
  readonly oldMs: number | undefined
}

/** One machine's rules throughout a recording, compared with the requirements of its Services. */
export class RuleSnapshots {
  readonly snapshots: readonly RuleSnapshot[]
  readonly #machine: ProxyMachine
  readonly #history: readonly PortState[]
  readonly #mode: RuleSet['mode']
  readonly #reportedLateMs: number
  readonly #texts = new Map<string, string>()
  readonly #rules = new Map<string, RuleSet>()
  readonly #differences = new Map<string, readonly Difference[]>()

  /** `reportedLateMs`: how much later than kube-proxy the recorder may receive a change. */
  constructor(recording: Recording, machine: ProxyMachine, reportedLateMs: number) {
    this.#reportedLateMs = reportedLateMs
    const records = recording.of('rules').filter((record) => record.machine === machine.name)
    for (const { hash, text } of records) if (text !== undefined) this.#texts.set(hash, text)
    this.snapshots = records.map((record) => ({ at: record.at, endedAt: record.endedAt, hash: record.hash, record }))
    this.#machine = machine
    this.#history = portHistory(recording)
    this.#mode = modeOf(records)
  }

  /**
   * The differences of a snapshot's rules, and their age. Tries states that the recorder received a little later, then
   * former states, the newest first, until one requires exactly these rules.
   */
  lags({ at, endedAt, hash }: RuleSnapshot): Lag[] {
    const newest = this.#history.findLastIndex((state) => state.at <= endedAt)
    const outstanding = new Map(
      this.#against(newest, hash)
        .toReversed()
        .map((one) => [keyOf(one), one]),
    )
    const lags: Lag[] = []
    const settle = (n: number, oldMs: number | undefined): void => {
      if (outstanding.size === 0) return
      const there = new Set(this.#against(n, hash).map(keyOf))
      for (const [key, difference] of outstanding) {
        if (there.has(key)) continue
        if (oldMs !== undefined) lags.push({ difference, oldMs: Math.min(oldMs, this.#atMost(at, difference)) })
        outstanding.delete(key)
      }
    }
    for (let n = newest + 1; (this.#history[n]?.at ?? Infinity) <= endedAt + this.#reportedLateMs; n++)
      settle(n, undefined)
    for (let n = newest - 1; n >= 0; n--) settle(n, Math.max(0, at - (this.#history[n]?.until ?? at)))
    return [...lags, ...[...outstanding.values()].map((difference) => ({ difference, oldMs: undefined }))]
  }

  /**
   * The longest time for which a packet can have been handled wrongly at a snapshot: since the last snapshot that was right, where
   * a later one is right again; else Infinity. While kube-proxy writes one table after the other, a snapshot can look like a
   * state of long ago.
   */
  #atMost(at: number, { service, packet }: Difference): number {
    const isRight = (snapshot: RuleSnapshot): boolean =>
      !this.differences(snapshot).some((one) => one.service === service && one.packet === packet)
    const before = this.snapshots.findLast((snapshot) => snapshot.at < at && isRight(snapshot))
    return before && this.snapshots.some((snapshot) => snapshot.at > at && isRight(snapshot))
      ? at - before.at
      : Infinity
  }

  /** The first of the consecutive snapshots with a difference, and the last snapshot before it without. */
  seenSince(
    snapshot: RuleSnapshot,
    difference: Difference,
  ): { readonly first: number; readonly notAt: number | undefined } {
    let first = snapshot.at
    for (const before of this.snapshots.toReversed()) {
      if (before.at >= snapshot.at) continue
      if (!this.#shows(before, difference)) return { first, notAt: before.at }
      first = before.at
    }
    return { first, notAt: undefined }
  }

  /** Whether a later snapshot lacks a difference. */
  goneAfter(snapshot: RuleSnapshot, difference: Difference): boolean {
    return this.snapshots.some((later) => later.at > snapshot.at && !this.#shows(later, difference))
  }

  #shows(snapshot: RuleSnapshot, difference: Difference): boolean {
    return this.differences(snapshot).some((one) => keyOf(one) === keyOf(difference))
  }

  /** All differences from the requirements at the time of a snapshot. */
  differences({ endedAt, hash }: Pick<RuleSnapshot, 'endedAt' | 'hash'>): readonly Difference[] {
    return this.#against(
      this.#history.findLastIndex((state) => state.at <= endedAt),
      hash,
    )
  }

  #against(state: number, hash: string): readonly Difference[] {
    const key = `${state} ${hash}`
    const known = this.#differences.get(key)
    if (known) return known
    const ports = requireEvidence(this.#history[state], 'The journal does not hold the Services at that time.').ports
    const found = compare(expectations(ports, this.#machine), this.#read(hash), this.#machine)
    this.#differences.set(key, found)
    return found
  }

  #read(hash: string): RuleSet {
    const known = this.#rules.get(hash)
    if (known) return known
    const text = requireEvidence(
      this.#texts.get(hash),
      `The journal does not hold the rules ${hash} of ${this.#machine.name}.`,
    )
    const rules = readRules(this.#mode, text, this.#machine)
    this.#rules.set(hash, rules)
    return rules
  }
}

/** The same difference has other words in another state: its Service identifies it, or else the packet. */
function keyOf({ service, packet }: Difference): string {
  return service === '' ? packet : service
}

function modeOf(records: readonly RecordOf<'rules'>[]): RuleSet['mode'] {
  return records[0]?.mode ?? 'iptables'
}
