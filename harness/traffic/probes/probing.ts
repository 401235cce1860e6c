import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { OutsideRequest } from '../../cluster/api/outside-client.ts'
import { eventually } from '../../common/eventually.ts'
import type { RecordOf } from '../../record/records.ts'
import { type Addresses, clusterIpOf, type ProbeTarget, serviceName } from './probe-targets.ts'
import type { UsedPort } from './used-ports.ts'

const defaultPerSecond = 10
/** Below the second after which the kernel retransmits: an answer to a retransmission would hide the outage. */
const timeoutMs = 900
const sampleConcurrency = 4
/** A sample counts backends, not outages: the kernel retransmits a lost packet within this time. */
const sampleTimeoutMs = 5_000

/** A place from which a Service is used: a machine, a pod on it, or outside of the cluster. */
interface Vantage {
  readonly from: string
  readonly machine: OutsideRequest
  /** The pod, where the place is a pod. */
  readonly pod?: { readonly namespace: string; readonly name: string; readonly host: Machine }
}

export interface ProbeOptions {
  /**
   * Attempts a second of each probe. Default: 10. Above 150 over TCP, source ports repeat within the two minutes for which connection
   * tracking keeps unanswered connections.
   */
  readonly perSecond?: number
  /** Default: a fresh connection for each attempt; over UDP a fresh port. */
  readonly connection?: 'fresh' | 'kept'
}

/** Probes of Services from every Node and from inside a pod, and by node ports also from outside of the cluster. */
export class ProbeSession implements AsyncDisposable {
  readonly #vantages: Vantage[]
  readonly #outside: () => Promise<OutsideRequest>

  private constructor(vantages: Vantage[], outside: () => Promise<OutsideRequest>) {
    this.#vantages = vantages
    this.#outside = outside
  }

  /** `client` is the pod to probe from; it must run on `host`. `outside` is called with the first probe from there. */
  static async enter(
    cluster: Cluster,
    client: { readonly namespace: string; readonly name: string },
    host: Machine,
    outside: () => Promise<OutsideRequest>,
  ): Promise<ProbeSession> {
    await host.call('enterPod', { namespace: client.namespace, pod: client.name })
    const pod = { from: `pod:${client.name}`, machine: host, pod: { ...client, host } }
    return new ProbeSession([...cluster.nodes.map(at), pod], outside)
  }

  /** How many samples of a Service one round has. */
  samplesAtOnce({ ports }: Addresses): number {
    return this.#vantages.length * ports.length
  }

  /** Waits until the Service answers each place on each of its ports: its rules are in every kernel. */
  async answers(service: Addresses, signal: AbortSignal): Promise<void> {
    await this.#everywhereOver(service, async (vantage, port) => {
      const where = `${port.protocol.toUpperCase()} port ${port.port}`
      await eventually(
        `${serviceName(service)} to answer on its ${where} from ${vantage.from}`,
        async () => {
          const { failed } = await this.#draw(vantage, service, port, 1)
          if (failed > 0) throw new Error(`no answer from ${clusterIpOf(service)} on ${where} in ${timeoutMs} ms`)
          return true
        },
        { timeoutMs: 60_000, signal },
      )
    })
  }

  /** Starts attempts at a fixed rate from every place, recorded as `attempt` until disposed. */
  async start(targets: readonly ProbeTarget[], options: ProbeOptions = {}): Promise<void> {
    const published = targets.filter(({ target }) => target === 'node-port')
    await this.#start(this.#vantages, targets, options)
    if (published.length > 0) await this.startOutside(published, options)
  }

  /** The same from outside of the cluster only. */
  async startOutside(targets: readonly ProbeTarget[], options: ProbeOptions = {}): Promise<void> {
    await this.#start([at(await this.#outside())], targets, options)
  }

  /** Makes `attempts` fresh connections from each place to each of the Service's ports. */
  async sample(service: Addresses, attempts: number): Promise<RecordOf<'sample'>[]> {
    const samples: RecordOf<'sample'>[] = []
    await this.#everywhereOver(service, async (vantage, port) => {
      samples.push(await this.#draw(vantage, service, port, attempts))
    })
    return samples
  }

  /** A machine that is off has no probes to stop. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#vantages.map(async ({ machine, pod }) => {
        if (!(await machine.running())) return
        if (pod) await machine.call('leavePods', {})
        else await machine.call('stopProbes', {})
      }),
    )
  }

  async #start(places: readonly Vantage[], targets: readonly ProbeTarget[], options: ProbeOptions): Promise<void> {
    const { perSecond = defaultPerSecond, connection } = options
    for (const target of targets) {
      await onEach(places, async ({ from, machine, pod }) => {
        const { service, protocol, address, target: way = 'cluster-ip' } = target
        const to = way === 'node-port' ? `${way}-${address}` : way
        const id = `${service}-${to}-${from}-${protocol}-${connection ?? 'fresh'}`
        const spec = { id, from, ...target, ...(connection ? { connection } : {}), perSecond, timeoutMs }
        if (pod) await pod.host.callInPod(pod, 'probe', spec)
        else await machine.call('probe', spec)
      })
    }
  }

  async #draw(
    vantage: Vantage,
    service: Addresses,
    { protocol, port }: UsedPort,
    attempts: number,
  ): Promise<RecordOf<'sample'>> {
    const spec = {
      from: vantage.from,
      service: serviceName(service),
      protocol,
      address: clusterIpOf(service),
      port,
      timeoutMs: attempts === 1 ? timeoutMs : sampleTimeoutMs,
      attempts,
      concurrency: attempts === 1 ? 1 : sampleConcurrency,
    }
    const { machine, pod } = vantage
    return machine.onOurClock(await (pod ? pod.host.callInPod(pod, 'sample', spec) : machine.call('sample', spec)))
  }

  async #everywhereOver({ ports }: Addresses, act: (vantage: Vantage, port: UsedPort) => Promise<void>): Promise<void> {
    await onEach(this.#vantages, (vantage) => Promise.all(ports.map((port) => act(vantage, port))))
  }
}

function at(machine: OutsideRequest): Vantage {
  return { from: machine.name, machine }
}

/** Acts on every place whose machine runs. */
async function onEach(places: readonly Vantage[], act: (vantage: Vantage) => Promise<unknown>): Promise<void> {
  const running = await Promise.all(places.map(({ machine }) => machine.running()))
  await Promise.all(places.filter((_, n) => running[n]).map(act))
}
