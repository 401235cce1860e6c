import type { Cluster } from '../cluster/cluster.ts'
import type { Faults } from '../faults/faults.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Traffic } from '../traffic/traffic.ts'
import type { ConsistentlyOptions, WaitOptions } from '../traffic/waits.ts'

/** The API of a scenario. Everything it does is recorded; nothing it does is judged here. */
export interface ScenarioContext {
  readonly cluster: Cluster
  readonly faults: Faults
  readonly traffic: Traffic
  /** Aborts when the user ends the run and when the scenario's deadline passes. */
  readonly signal: AbortSignal
  /** Chooses one of these, by the run's seed. */
  choose<T>(from: readonly T[]): T
  /** Names a moment, for people. */
  step(name: string): void
  record(record: JournalRecord): void
  /**
   * Waits for the cluster and records what it observed: the condition, whether it was satisfied, after how long, and the state
   * last seen. From the first fault on, a condition that does not come true is no error: the result is undefined, and the
   * scenario goes on. Contracts decide from the recording. Before the first fault it is a precondition.
   * @throws HoldfastError HF_NOT_IN_TIME for a precondition
   */
  until<T>(
    condition: string,
    check: () => Promise<T | undefined | false> | T | undefined | false,
    options: WaitOptions,
  ): Promise<T | undefined>
  /** Observes whether a condition stays true for a time, and records it. */
  consistently(
    condition: string,
    check: () => Promise<boolean> | boolean,
    options: ConsistentlyOptions,
  ): Promise<boolean>
  /** The same as `until` for an operation that throws HF_NOT_IN_TIME itself. */
  attempt<T>(condition: string, operation: () => Promise<T>): Promise<T | undefined>
}

/** What is known of a scenario before it runs. */
export interface ScenarioOptions {
  readonly describe: string
  /** The cluster that it needs, unless the user chooses another one with `--topology`. */
  readonly topology: string
  /** Ids of the contracts that it is meant to decide: a recording that does not exercise them makes them inconclusive. */
  readonly contracts?: readonly string[]
  /** The time after which it ends whatever it waits for. Default: `30m`. */
  readonly deadline?: string
  /** From when on the cluster is under test: its waits are observations and no preconditions. Default: the first fault. */
  readonly testsFrom?: 'start' | 'first-fault'
}

/** A schedule of faults and traffic. */
export interface Scenario extends ScenarioOptions {
  readonly name: string
  /** The file it was read from, as it was named; absent for one of the project's. */
  readonly file?: string
  play(context: ScenarioContext): Promise<void>
}

export function scenario(
  name: string,
  options: ScenarioOptions,
  play: (context: ScenarioContext) => Promise<void>,
): Scenario {
  return { name, ...options, play }
}
