import { expect } from 'vitest'
import { $ } from '../../../../harness/host/shell.ts'
import type { Component } from '../../../../harness/cluster/components.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { eventually } from '../../../../harness/common/eventually.ts'
import { ResidueCheck } from '../../../../harness/faults/residue/residue-check.ts'
import { type Faults, createFaults } from '../../../../harness/faults/catalogue/faults.ts'
import type { JournalRecord } from '../../../../harness/record/records.ts'
import { type OwnCluster, ownCluster } from '../../../../harness/vitest/own-cluster.ts'
import type { Broken } from '../proving.ts'

/** One cluster for all faults of processes and machines, with the baseline of its residue check. */
export class BrokenCluster implements Broken, AsyncDisposable {
  readonly own: OwnCluster
  readonly signal: AbortSignal
  readonly residueCheck: ResidueCheck
  readonly records: JournalRecord[] = []
  /** For faults that are refused, and for permanent ones. */
  readonly faults: Faults

  private constructor(own: OwnCluster, residueCheck: ResidueCheck, signal: AbortSignal) {
    this.own = own
    this.signal = signal
    this.residueCheck = residueCheck
    this.faults = this.#faults((record) => this.records.push(record))
  }

  static async boot(signal: AbortSignal): Promise<BrokenCluster> {
    const own = await ownCluster('single', { signal })
    return new BrokenCluster(own, await ResidueCheck.baseline(own.cluster), signal)
  }

  machine(name: string): Machine {
    return this.own.cluster.machine(name)
  }

  /** Runs `what`, then checks that every fault is recorded as injected and healed and that there is no residue. */
  async breaking(what: (faults: Faults) => Promise<void>): Promise<readonly JournalRecord[]> {
    const before = this.records.length
    {
      await using faults = this.#faults((record) => this.records.push(record))
      await what(faults)
    }
    const records = this.records.slice(before)
    const edges = records.flatMap((record) => (record.kind === 'fault' ? [record.edge] : []))
    const count = (edge: string): number => edges.filter((one) => one === edge).length
    expect([count('injected'), count('healed'), count('unproven')], JSON.stringify(records)).toEqual([
      count('intent'),
      count('intent'),
      0,
    ])
    expect(records.filter(({ kind }) => kind === 'rig')).toEqual([])
    expect(await this.residueCheck.residue(this.signal)).toEqual([])
    return records
  }

  /** Returns a second harness without the claims of the first. Its faults are not recorded. */
  another(): Faults {
    return this.#faults(() => undefined)
  }

  /** Runs a command in a machine's container with the engine, not with the agent. */
  async shell(machine: string, script: string): Promise<string> {
    const { stdout } = await $`docker exec ${this.machine(machine).containerId} sh -c ${script}`
    return stdout.trim()
  }

  /** Reads pid and state letter of a component from ps, by its supervisor. Undefined without a process. */
  async process(machine: string, component: Component): Promise<{ pid: string; state: string } | undefined> {
    const script = `ps -o pid=,stat= --ppid "$(pgrep -fx 'runsv ${component}')"`
    const [pid = '', state = ''] = (await this.shell(machine, script).catch(() => '')).split(/\s+/)
    // ps still lists a zombie, which has ended.
    return pid === '' || state.startsWith('Z') ? undefined : { pid, state }
  }

  /** Whether kube-proxy's health port on a Node answers another machine. */
  async answers(from: string, to: string): Promise<boolean> {
    const url = `http://${this.machine(to).spec.address}:10256/healthz`
    return this.machine(from)
      .call('http', { url, method: 'GET', timeoutMs: 1_000 })
      .then(
        () => true,
        () => false,
      )
  }

  becomes(what: string, fact: () => Promise<boolean | undefined>): Promise<boolean> {
    return eventually<true>(what, async () => (await fact()) === true || undefined, {
      timeoutMs: 60_000,
      intervalMs: 100,
      signal: this.signal,
    })
  }

  #faults(emit: (record: JournalRecord) => unknown): Faults {
    return createFaults(this.own.cluster, emit, () => Promise.resolve(), this.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.faults[Symbol.asyncDispose]()
    await this.own[Symbol.asyncDispose]()
  }
}
