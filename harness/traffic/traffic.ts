import type { V1Pod } from '@kubernetes/client-node'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine/machine.ts'
import { OutsideClient } from '../cluster/api/outside-client.ts'
import { now } from '../record/clock.ts'
import type { JournalRecord } from '../record/records.ts'
import { Waits } from './waits.ts'
import { Queries } from './services/queries.ts'
import { Ledger } from './ledger.ts'
import { OutsideProbes } from './probes/outside-probes.ts'
import { type Addresses, apiServerTarget, targetsOf, type Way } from './probes/probe-targets.ts'
import { type ProbeOptions, ProbeSession } from './probes/probing.ts'
import { ProxyRules } from './services/proxy-rules.ts'
import { PacketSender } from './services/packet-sender.ts'
import { repeatedly } from './repeatedly.ts'
import { drawsFor } from './probes/sample-size.ts'
import { guardServices } from './services/service-guard.ts'
import { type DeployOptions, Workloads } from './workloads/workloads.ts'

const client = 'client'
/** Also with a single backend: a sample must show that no other backend answers. */
const leastDraws = 100
/** A sample must detect one replica at half its share in 99 of 100 cases, at the contracts' alpha. */
const wanted = { alpha: 0.001, power: 0.99, share: 0.5 } as const

/** After this time the scenario continues without the API server's answer. */
const apiWait = { timeoutMs: 30_000, intervalMs: 250 } as const

/** Between two readings of the rules: they follow a change within a second or two. */
const rulesEveryMs = 500

/** The workloads of one scenario and their clients. */
export class Traffic implements AsyncDisposable {
  readonly workloads: Workloads
  /** The rules for Services in every Node's kernel. */
  readonly rules: ProxyRules
  /** Single packets, recorded with their answers. */
  readonly packets: PacketSender
  /** Queries about Services to kube-proxies and the cluster's DNS. */
  readonly queries: Queries
  readonly #cluster: Cluster
  readonly #emit: (record: JournalRecord) => void
  readonly #signal: AbortSignal
  readonly #waits: Waits
  readonly #services = new Map<string, Addresses>()
  readonly #ledgers: Ledger[] = []
  readonly #apiServerProbes: OutsideProbes[] = []
  readonly #host: Machine
  #outside: Promise<OutsideClient> | undefined
  #probing: ProbeSession | undefined
  #guard: AsyncDisposable | undefined

  private constructor(
    cluster: Cluster,
    namespace: string,
    emit: (record: JournalRecord) => void,
    signal: AbortSignal,
    waits: Waits,
    host: Machine,
    rules: ProxyRules,
  ) {
    this.#cluster = cluster
    this.#emit = emit
    this.#signal = signal
    this.#waits = waits
    this.#host = host
    this.rules = rules
    this.packets = new PacketSender(emit)
    this.queries = new Queries(emit)
    this.workloads = new Workloads(cluster.kubernetes, namespace, signal, waits)
  }

  static async start(
    cluster: Cluster,
    namespace: string,
    emit: (record: JournalRecord) => void,
    signal: AbortSignal,
    waits = new Waits(emit, signal),
  ): Promise<Traffic> {
    const [host] = cluster.workers
    if (!host) throw new Error('traffic needs a worker')
    const traffic = new Traffic(cluster, namespace, emit, signal, waits, host, await ProxyRules.of(cluster, emit))
    traffic.#guard = await guardServices(cluster.nodes)
    await traffic.workloads.createNamespace()
    await traffic.workloads.client(client, host.name)
    traffic.#probing = await ProbeSession.enter(cluster, { namespace, name: client }, host, () => traffic.outside())
    return traffic
  }

  /** The machine that runs the probing pod: a scenario must not remove it. */
  get clientHost(): Machine {
    return this.#host
  }

  /** A client that is no part of the cluster. Started with the first use, removed at the scenario's end. */
  outside(): Promise<OutsideClient> {
    this.#outside ??= OutsideClient.start(this.#cluster, this.#emit)
    return this.#outside
  }

  /** A Deployment whose pods are available, and a Service that answers everywhere. */
  async deploy(name: string, options: DeployOptions, type: 'ClusterIP' | 'NodePort' = 'ClusterIP'): Promise<void> {
    await this.workloads.deployment(name, options)
    await this.workloads.rolloutComplete(name)
    await this.expose(name, type)
  }

  async expose(name: string, type: 'ClusterIP' | 'NodePort' = 'ClusterIP'): Promise<void> {
    await this.workloads.service(name, type)
    await this.useService(name)
  }

  /** Registers a Service that the scenario created: it can be probed by its first TCP port and its first UDP port. */
  async useService(name: string): Promise<void> {
    this.#services.set(name, await this.workloads.addresses(name))
    await this.waitUntilServedEverywhere(name)
  }

  /** Waits until the Service has answered every place whose machine runs. */
  async waitUntilServedEverywhere(name: string): Promise<void> {
    await this.#waits.attempt(`Service ${name} to answer from every place`, () =>
      this.#probes().answers(this.#addresses(name), this.#signal),
    )
  }

  /** Waits until the slices of Services follow their pods, and the rules of every machine except `except` match the slices. */
  async rulesFollow(names: readonly string[], except: readonly Machine[] = []): Promise<void> {
    await Promise.all(
      names.map((name) =>
        this.#waits.attempt(`the rules of Service ${name} to follow`, () =>
          this.rules.waitUntilRulesMatch(this.#service(name), this.#signal, except),
        ),
      ),
    )
  }

  /** Probes the Service from every place until the scenario ends. Default: by its own address and ports. */
  async probe(name: string, ways: readonly Way[] = ['cluster-ip'], options: ProbeOptions = {}): Promise<void> {
    const [node] = this.#cluster.nodes
    if (!node) throw new Error('a cluster without a Node has no Services')
    await this.#probes().start(targetsOf(await this.workloads.addresses(name), ways, node), options)
  }

  /**
   * Probes Services from outside of the cluster, by their node ports on every Node, over TCP and UDP, until the scenario ends. Disposing
   * the result ends all probes from there.
   */
  async probeFromOutside(names: readonly string[], options: ProbeOptions = {}): Promise<AsyncDisposable> {
    for (const name of names) {
      const addresses = await this.workloads.addresses(name)
      const everyNode = this.#cluster.nodes.flatMap((node) => targetsOf(addresses, ['node-port'], node))
      await this.#probes().startOutside(everyNode, options)
    }
    const client = await this.outside()
    return { [Symbol.asyncDispose]: async () => void (await client.call('stopProbes', {})) }
  }

  /** Probes the API servers: through their Service from every place, and each by itself from outside. */
  async probeApiServers({ perSecond = 10 }: Pick<ProbeOptions, 'perSecond'> = {}): Promise<void> {
    this.#apiServerProbes.push(new OutsideProbes(this.#cluster.kubernetes, perSecond, this.#emit))
    await this.#probes().start([apiServerTarget], { perSecond })
  }

  /**
   * Makes enough fresh connections from every place to distinguish an uneven choice from chance, once the Service's slices and every
   * Node's rules follow its pods. `rounds`: how often the scenario samples in all, since its samples are judged together.
   */
  async sample(name: string, { rounds }: { readonly rounds: number }): Promise<void> {
    await this.rulesFollow([name])
    await this.rules.record()
    const probes = this.#probes()
    const addresses = this.#addresses(name)
    const listed = `the ready endpoints of ${name} to be listed`
    const ready = await this.#waits.until(listed, () => this.workloads.readyBackends(name), apiWait)
    const samples = rounds * probes.samplesAtOnce(addresses)
    const draws = Math.max(leastDraws, drawsFor({ ...wanted, backends: Math.max(1, ready ?? 0), samples }))
    for (const sample of await probes.sample(addresses, draws)) this.#emit(sample)
  }

  /** Waits until an API server accepts the new number of replicas. */
  async scale(name: string, replicas: number): Promise<void> {
    const scaled = async (): Promise<true> => {
      await this.workloads.scale(name, replicas)
      return true
    }
    await this.#waits.until(`Deployment ${name} to accept ${replicas} replicas`, scaled, apiWait)
  }

  async rolloutComplete(name: string): Promise<void> {
    await this.workloads.rolloutComplete(name)
  }

  pods(name: string): Promise<V1Pod[]> {
    return this.workloads.pods(name)
  }

  /** Starts unique writes to each etcd member and through each API server. */
  async ledger(): Promise<Ledger> {
    const { namespace } = this.workloads
    const client = await this.outside()
    const ledger = await Ledger.start(this.#cluster, { namespace, client, emit: this.#emit })
    this.#ledgers.push(ledger)
    return ledger
  }

  /** Records every Node's rules repeatedly until disposed. */
  followRules(): AsyncDisposable {
    return repeatedly(
      () => this.rules.record(),
      rulesEveryMs,
      (reason) => this.#emit({ kind: 'rig', at: now(), message: `the rules could not be read: ${String(reason)}` }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const probes of this.#apiServerProbes) probes[Symbol.dispose]()
    await this.packets[Symbol.asyncDispose]()
    for (const ledger of this.#ledgers) await ledger[Symbol.asyncDispose]()
    await this.#probing?.[Symbol.asyncDispose]()
    await (await this.#outside)?.[Symbol.asyncDispose]()
    await this.#guard?.[Symbol.asyncDispose]()
  }

  #service(name: string): string {
    return `${this.workloads.namespace}/${name}`
  }

  #addresses(name: string): Addresses {
    const addresses = this.#services.get(name)
    if (addresses === undefined) throw new Error(`Service ${name} was neither exposed nor adopted`)
    return addresses
  }

  #probes(): ProbeSession {
    if (!this.#probing) throw new Error('the probing pod was not entered')
    return this.#probing
  }
}
