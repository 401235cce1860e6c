import type { Cluster } from '../cluster/cluster.ts'
import type { Faults } from '../faults/catalogue/faults.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Traffic } from '../traffic/traffic.ts'
import type { ConsistentlyOptions, ScenarioWaitOptions } from '../traffic/waits.ts'

/** The API of a scenario. It records everything and judges nothing. */
export interface ScenarioContext {
  readonly cluster: Cluster
  readonly faults: Faults
  readonly traffic: Traffic
  /** Aborts when the user ends the run and when the scenario's deadline passes. */
  readonly signal: AbortSignal
  /** Chooses one item at random, by the run's seed. */
  choose<T>(from: readonly T[]): T
  /** Records a named moment for the timeline. */
  step(name: string): void
  record(record: JournalRecord): void
  /**
   * Waits for a condition and records the result, the time it took and the last observed state. Before the first fault the
   * condition is a precondition. After it, an unsatisfied condition is no error: the result is undefined, the scenario continues,
   * and contracts decide from the recording.
   * @throws HoldfastError HF_NOT_IN_TIME for a precondition
   */
  until<T>(
    condition: string,
    check: () => Promise<T | undefined | false> | T | undefined | false,
    options: ScenarioWaitOptions,
  ): Promise<T | undefined>
  /** Checks that a condition stays true for a time, and records the result. */
  consistently(
    condition: string,
    check: () => Promise<boolean> | boolean,
    options: ConsistentlyOptions,
  ): Promise<boolean>
  /** Like `until`, for an operation that throws HF_NOT_IN_TIME itself. */
  attempt<T>(condition: string, operation: () => Promise<T>): Promise<T | undefined>
}

/** Properties of a scenario that are known before it runs. */
export interface ScenarioOptions {
  readonly describe: string
  /** Topology of the cluster, unless the user chooses another one with `--topology`. */
  readonly topology: string
  /** Ids of the contracts that the scenario must decide. If its recording does not exercise one, the verdict is inconclusive. */
  readonly contracts?: readonly string[]
  /** The scenario ends after this time. Default: `30m`. */
  readonly deadline?: string
  /** From when on waits are observations instead of preconditions. Default: the first fault. */
  readonly testsFrom?: 'start' | 'first-fault'
}

/** A schedule of faults and traffic. */
export interface Scenario extends ScenarioOptions {
  readonly name: string
  /** The file of a user's scenario, as given on the command line. */
  readonly file?: string
  run(context: ScenarioContext): Promise<void>
}

export function scenario(
  name: string,
  options: ScenarioOptions,
  body: (context: ScenarioContext) => Promise<void>,
): Scenario {
  return { name, ...options, run: body }
}
