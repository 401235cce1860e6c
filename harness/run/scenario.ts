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

/** A schedule of faults and traffic. */
export interface Scenario {
  readonly name: string
  readonly describe: string
  readonly topology: string
  play(stage: Stage): Promise<void>
}

export function scenario(
  name: string,
  about: { readonly describe: string; readonly topology: string },
  play: (stage: Stage) => Promise<void>,
): Scenario {
  return { name, ...about, play }
}
