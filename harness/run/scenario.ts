import type { Cluster } from '../cluster/cluster.ts'
import type { Faults } from '../faults/faults.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Traffic } from '../traffic/traffic.ts'

/** What a scenario has at hand. Everything it does is recorded; nothing it does is judged here. */
export interface Stage {
  readonly cluster: Cluster
  readonly faults: Faults
  readonly traffic: Traffic
  readonly signal: AbortSignal
  /** One of these, by the run's seed. */
  choose<T>(from: readonly T[]): T
  /** Names a moment, for people. */
  step(name: string): void
  record(record: JournalRecord): void
}

/** What is known of a scenario before it is played. */
export interface About {
  readonly describe: string
  readonly topology: string
  /**
   * Ids of the contracts that its recording is judged by, besides those that name it themselves: a scenario of your own, in a
   * file of your own, says here what it can decide.
   */
  readonly contracts?: readonly string[]
}

/** A schedule of faults and traffic. */
export interface Scenario extends About {
  readonly name: string
  /** The file it was read from, as it was named; absent for one of the project's. */
  readonly file?: string
  play(stage: Stage): Promise<void>
}

export function scenario(name: string, about: About, play: (stage: Stage) => Promise<void>): Scenario {
  return { name, ...about, play }
}
