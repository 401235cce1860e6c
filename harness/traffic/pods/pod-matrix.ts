import type { V1Pod } from '@kubernetes/client-node'
import { agnhostPod } from '../../cluster/agnhost.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { repeatedly } from '../repeatedly.ts'
import { isReady } from '../workloads/endpoints-follow.ts'
import type { Workloads } from '../workloads/workloads.ts'
import { type Packet, PodSender, type Target } from './pod-sender.ts'

const roundEveryMs = 500

interface Round {
  readonly beganAt: number
  readonly packets: readonly Packet[]
}

/**
 * A pod on every Node, control-plane Nodes included. Each sends packets to every pod of the namespace, and each machine to the pods
 * that it runs; all are recorded with their answers.
 */
export class PodMatrix {
  readonly #name: string
  readonly #cluster: Cluster
  readonly #workloads: Workloads
  readonly #emit: (record: JournalRecord) => void
  readonly #sender: PodSender
  #targets: readonly Target[] = []
  #last: Round | undefined

  constructor(name: string, cluster: Cluster, workloads: Workloads, emit: (record: JournalRecord) => void) {
    this.#name = name
    this.#cluster = cluster
    this.#workloads = workloads
    this.#emit = emit
    this.#sender = new PodSender(cluster, workloads.namespace, emit)
  }

  /** Creates the DaemonSet. Its pods tolerate every taint. */
  async create(): Promise<void> {
    const labels = { app: this.#name }
    await this.#workloads.apply({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: this.#name, namespace: this.#workloads.namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { ...agnhostPod(), tolerations: [{ operator: 'Exists' }] } },
      },
    })
  }

  /** Whether a pod of the DaemonSet is Ready on every Node. */
  async isReady(): Promise<boolean> {
    const ready = (await this.#workloads.pods(this.#name)).filter(isReady).map(({ spec }) => spec?.nodeName)
    return this.#cluster.nodes.every(({ name }) => ready.includes(name))
  }

  /** Sends and records rounds of packets until disposed. */
  follow(): AsyncDisposable {
    return repeatedly(
      () => this.#round(),
      roundEveryMs,
      (reason) => this.#emit({ kind: 'rig', at: now(), message: `no packets between pods: ${String(reason)}` }),
    )
  }

  /** Whether every packet of a round that began after `since` was answered, and the pods of all Nodes had sent some. */
  isWholeSince(since: number): boolean {
    const packets = this.#roundSince(since)
    const senders = new Set(packets.filter(({ from }) => from.startsWith('pod:')).map(({ from }) => from))
    return senders.size === this.#cluster.nodes.length && packets.every(({ outcome }) => outcome === 'answered')
  }

  /** Whether a packet of a round that began after `since` had no answer. */
  hasLostSince(since: number): boolean {
    return this.#roundSince(since).some(({ outcome }) => outcome !== 'answered')
  }

  #roundSince(since: number): readonly Packet[] {
    return this.#last && this.#last.beganAt >= since ? this.#last.packets : []
  }

  async #round(): Promise<void> {
    const beganAt = now()
    // Without an answer of the API server the pods that were known last remain the targets.
    this.#targets = await this.#pods().catch(() => this.#targets)
    const sent = await Promise.all(this.#cluster.nodes.map((machine) => this.#sender.send(machine, this.#targets)))
    this.#last = { beganAt, packets: sent.flat() }
  }

  async #pods(): Promise<readonly Target[]> {
    const pods = await this.#cluster.kubernetes.list<V1Pod>('v1', 'Pod', this.#workloads.namespace)
    return pods.flatMap(({ metadata, spec, status }) => {
      const { uid = '', name = '', labels = {} } = metadata ?? {}
      const [node, address] = [spec?.nodeName, status?.podIP]
      if (node === undefined || address === undefined || status?.phase !== 'Running') return []
      return [{ uid, name, node, address, isSender: labels['app'] === this.#name }]
    })
  }
}
