import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Machine } from '../../harness/cluster/machine.ts'
import { Audit } from '../../harness/faults/audit.ts'
import { Faults } from '../../harness/faults/faults.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import type { OwnCluster } from '../../harness/vitest/own-cluster.ts'
import type { Broken } from './proving.ts'

/** One cluster for many tests of faults, and what it was before all of them. */
export class BreakableCluster implements Broken, AsyncDisposable {
  readonly own: OwnCluster
  readonly faults: Faults
  readonly told: JournalRecord[] = []
  #audit: Audit | undefined

  constructor(own: OwnCluster, signal: AbortSignal) {
    this.own = own
    this.faults = new Faults(
      own.cluster,
      (record) => this.told.push(record),
      () => Promise.resolve(),
      signal,
    )
  }

  /** Called once everything is there that is to be there after each test. */
  async lookBefore(): Promise<void> {
    this.#audit = await Audit.baseline(this.own.cluster)
  }

  get audit(): Audit {
    if (!this.#audit) throw new Error('nobody has looked at the cluster before')
    return this.#audit
  }

  /** A command in a machine's container, run by the engine and not by our agent. */
  async shell(machine: Machine, script: string): Promise<string> {
    const { stdout } = await promisify(execFile)('docker', ['exec', machine.containerId, 'sh', '-c', script])
    return stdout.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.faults[Symbol.asyncDispose]()
    await this.own[Symbol.asyncDispose]()
  }
}

/** What `beforeAll` has made; a test can't ask for it earlier. */
export function booted<T>(made: T | undefined): T {
  if (made === undefined) throw new Error('the cluster has not booted')
  return made
}

/** One of a list that has to be there. */
export function nth<T>(list: readonly T[], n = 0): T {
  const one = list[n]
  if (one === undefined) throw new Error(`there is no number ${n} in ${list.length}`)
  return one
}
