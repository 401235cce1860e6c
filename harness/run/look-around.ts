import type { Cluster } from '../cluster/cluster.ts'
import { componentMetrics } from '../cluster/component-metrics.ts'
import type { FaultEdge } from '../faults/injection.ts'
import { now } from '../record/clock.ts'
import type { JournalRecord } from '../record/records.ts'
import type { ProxyRules } from '../traffic/proxy-rules.ts'

/** Looks at every machine that runs: machines that are frozen, off or lost tell nothing. */
export class LookAround {
  readonly #cluster: Cluster
  readonly #rules: ProxyRules
  readonly #emit: (record: JournalRecord) => void

  constructor(cluster: Cluster, rules: ProxyRules, emit: (record: JournalRecord) => void) {
    this.#cluster = cluster
    this.#rules = rules
    this.#emit = emit
  }

  /** The containers that each Node's runtime runs. */
  async containers(): Promise<void> {
    await Promise.all(
      (await runningOf(this.#cluster.nodes)).map(async (machine) => {
        const at = now()
        const { containers } = await machine.call('containers', {})
        this.#emit({ kind: 'containers', at, machine: machine.name, containers })
      }),
    )
  }

  /** At an edge of a fault: containers, the rules for Services, what connection tracking holds and what components tell. */
  async around(edge: FaultEdge): Promise<void> {
    // One after the other: looking must not be what is seen.
    await this.containers()
    await this.#rules.record()
    await this.#conntrack(edge)
    await this.#metrics(edge)
  }

  async #conntrack(edge: FaultEdge): Promise<void> {
    await Promise.all(
      (await runningOf(this.#cluster.nodes)).map(async (machine) => {
        const counts = await machine.call('conntrack', {})
        this.#emit(machine.onOurClock({ kind: 'conntrack', machine: machine.name, ...edge, ...counts }))
      }),
    )
  }

  async #metrics(edge: FaultEdge): Promise<void> {
    const running = await runningOf(this.#cluster.machines)
    for (const told of await componentMetrics(this.#cluster, running, edge)) this.#emit(told)
  }
}

export async function runningOf(machines: Cluster['machines']): Promise<Cluster['machines']> {
  const running = await Promise.all(machines.map((machine) => machine.running()))
  return machines.filter((_, n) => running[n])
}
