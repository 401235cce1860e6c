import { $ } from '../../../harness/host/shell.ts'
import type { Machine } from '../../../harness/cluster/machine/machine.ts'
import { ResidueCheck } from '../../../harness/faults/residue/residue-check.ts'
import { type Faults, createFaults } from '../../../harness/faults/catalogue/faults.ts'
import type { JournalRecord } from '../../../harness/record/records.ts'
import type { OwnCluster } from '../../../harness/vitest/own-cluster.ts'
import type { Broken } from './proving.ts'

/** One cluster for many tests of faults, with the baseline of its residue check. */
export class BreakableCluster implements Broken, AsyncDisposable {
  readonly own: OwnCluster
  readonly faults: Faults
  readonly records: JournalRecord[] = []
  #residueCheck: ResidueCheck | undefined

  constructor(own: OwnCluster, signal: AbortSignal) {
    this.own = own
    this.faults = createFaults(
      own.cluster,
      (record) => this.records.push(record),
      () => Promise.resolve(),
      signal,
    )
  }

  /** Records the baseline: everything that should exist after each test. */
  async recordBaseline(): Promise<void> {
    this.#residueCheck = await ResidueCheck.baseline(this.own.cluster)
  }

  get residueCheck(): ResidueCheck {
    if (!this.#residueCheck)
      throw new Error('the baseline of the residue check is missing: call recordBaseline() first')
    return this.#residueCheck
  }

  /** Runs a command in a machine's container with the engine, not with the agent. */
  async shell(machine: Machine, script: string): Promise<string> {
    const { stdout } = await $`docker exec ${machine.containerId} sh -c ${script}`
    return stdout.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.faults[Symbol.asyncDispose]()
    await this.own[Symbol.asyncDispose]()
  }
}

/** Returns what `beforeAll` created. Throws before that. */
export function booted<T>(made: T | undefined): T {
  if (made === undefined) throw new Error('the cluster has not booted')
  return made
}

/** Returns item `n` of a list. Throws if the list is shorter. */
export function nth<T>(list: readonly T[], n = 0): T {
  const one = list[n]
  if (one === undefined) throw new Error(`no item ${n} in a list of ${list.length}`)
  return one
}
