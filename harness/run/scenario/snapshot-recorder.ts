import { errorMessage } from '../../common/error-message.mjs'
import type { OutsideClient } from '../../cluster/api/outside-client.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { componentMetrics } from '../../cluster/observe/component-metrics.ts'
import { currentConfig } from '../../cluster/observe/live-config.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { processRecords } from '../../cluster/observe/process-records.ts'
import { recordSockets } from '../../cluster/observe/socket-records.ts'
import type { FaultPhase } from '../../faults/engine/injection.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import type { ProxyRules } from '../../traffic/services/proxy-rules.ts'

/** Records snapshots of all running machines. A machine that does not answer becomes a gap, and the scenario continues. */
export class SnapshotRecorder {
  readonly #cluster: Cluster
  readonly #rules: ProxyRules
  readonly #emit: (record: JournalRecord) => void

  constructor(cluster: Cluster, rules: ProxyRules, emit: (record: JournalRecord) => void) {
    this.#cluster = cluster
    this.#rules = rules
    this.#emit = emit
  }

  /** Records the containers of each Node's runtime. */
  async containers(): Promise<void> {
    await this.#onEachNode('containers', async (machine) => {
      const at = now()
      const { containers } = await machine.call('containers', {})
      this.#emit({ kind: 'containers', at, machine: machine.name, containers })
    })
  }

  /** Records the processes, the clients of etcd and the configuration at the start or end of a scenario. */
  async system(moment: 'start' | 'end', outside: OutsideClient | undefined): Promise<void> {
    await this.#processes(moment)
    await recordSockets([...(await runningOf(this.#cluster.machines)), ...(outside ? [outside] : [])], this.#emit)
    await this.#orGap('cluster', 'config', async () => {
      for (const record of await currentConfig(this.#cluster)) this.#emit(record)
    })
  }

  async #processes(moment: RecordOf<'processes'>['moment']): Promise<void> {
    const found = await Promise.all(this.#cluster.machines.map((machine) => processRecords(machine, moment)))
    for (const record of found.flat()) this.#emit(record)
  }

  /** At an edge of a fault, records processes, containers, Service rules, connection tracking and metrics. */
  async atFaultPhase(edge: FaultPhase): Promise<void> {
    // In sequence: snapshots at the same time would load the cluster and distort each other.
    await this.#processes('fault')
    await this.containers()
    await this.#orGap('cluster', 'rules', () => this.#rules.record())
    await this.#onEachNode('conntrack', async (machine) => {
      const counts = await machine.call('conntrack', {})
      this.#emit(machine.onOurClock({ kind: 'conntrack', machine: machine.name, ...edge, ...counts }))
    })
    await this.#orGap('cluster', 'metrics', () => this.#metrics(edge))
  }

  async #metrics(edge: FaultPhase): Promise<void> {
    const running = await runningOf(this.#cluster.machines)
    for (const record of await componentMetrics(this.#cluster, running, edge)) this.#emit(record)
  }

  async #onEachNode(resource: string, record: (machine: Machine) => Promise<void>): Promise<void> {
    const nodes = await runningOf(this.#cluster.nodes)
    await Promise.all(nodes.map((machine) => this.#orGap(machine.name, resource, () => record(machine))))
  }

  async #orGap(source: string, resource: string, record: () => Promise<void>): Promise<void> {
    const at = now()
    try {
      await record()
    } catch (error) {
      const reason = errorMessage(error)
      this.#emit({ kind: 'gap', at, source, resource, until: now(), reason })
    }
  }
}

export async function runningOf(machines: Cluster['machines']): Promise<Cluster['machines']> {
  const running = await Promise.all(machines.map((machine) => machine.running()))
  return machines.filter((_, n) => running[n])
}
