import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node'
import type { ProxyMode } from '../../agent/kube-proxy/kernel-rules.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { podNetwork } from '../../cluster/machine/machine-spec.ts'
import { eventually } from '../../common/eventually.ts'
import { readObject } from '../../judge/recording/kubernetes-objects.ts'
import { type Difference, compare } from '../../judge/kube-proxy/rules/compare.ts'
import { type Expectation, expectations } from '../../judge/kube-proxy/rules/model.ts'
import { type Fate, formatPacket } from '../../judge/kube-proxy/packet.ts'
import { readRules } from '../../judge/kube-proxy/rules/read-rules.ts'
import type { ProxyMachine, ServicePort } from '../../judge/kube-proxy/service-port.ts'
import { servicePorts } from '../../judge/kube-proxy/service-ports.ts'
import { type RuleSet, fateIn, withoutTrail } from '../../judge/kube-proxy/rules/walk.ts'
import type { RecordOf } from '../../record/records.ts'
import { endpointsFollow } from '../workloads/endpoints-follow.ts'

const waitOptions = { timeoutMs: 60_000, intervalMs: 200 } as const

/** Reads the rules for Services in the machines' kernels, records them where they changed, and waits for them. */
export class ProxyRules {
  readonly #cluster: Cluster
  /** The mode of the kube-proxies. */
  readonly mode: ProxyMode
  readonly #emit: (record: RecordOf<'rules'>) => void
  readonly #known = new Map<string, string>()

  private constructor(cluster: Cluster, mode: ProxyMode, emit: (record: RecordOf<'rules'>) => void) {
    this.#cluster = cluster
    this.mode = mode
    this.#emit = emit
  }

  /** Reads the mode from a kube-proxy. */
  static async of(cluster: Cluster, emit: (record: RecordOf<'rules'>) => void): Promise<ProxyRules> {
    const [machine] = await running(cluster)
    if (!machine) throw new Error('no Node runs')
    const url = 'http://127.0.0.1:10249/proxyMode'
    const { status, body } = await machine.call('http', { url, method: 'GET', timeoutMs: 5_000 })
    const mode = body.trim()
    if (status !== 200 || (mode !== 'nftables' && mode !== 'iptables'))
      throw new Error(`kube-proxy on ${machine.name} answered ${status} to /proxyMode: ${body.slice(0, 100)}`)
    return new ProxyRules(cluster, mode, emit)
  }

  /** With a known mode: kube-proxy need not run yet. */
  static in(mode: ProxyMode, cluster: Cluster, emit: (record: RecordOf<'rules'>) => void): ProxyRules {
    return new ProxyRules(cluster, mode, emit)
  }

  /** Records the rules of every machine that runs. */
  async record(): Promise<void> {
    await Promise.all(
      (await running(this.#cluster)).map(async (machine) => {
        const known = this.#known.get(machine.name)
        const found = await machine.call('kernelRules', { mode: this.mode, ...(known ? { known } : {}) })
        this.#known.set(machine.name, found.hash)
        this.#emit(machine.onOurClock({ kind: 'rules', machine: machine.name, mode: this.mode, ...found }))
      }),
    )
  }

  /** Resolves once a Service's slices follow its pods, and the rules of every machine except `except` match the slices. */
  async waitUntilRulesMatch(service: string, signal: AbortSignal, except: readonly Machine[] = []): Promise<void> {
    await endpointsFollow(this.#cluster.kubernetes, service, { ...waitOptions, signal })
    const machines = (await running(this.#cluster)).filter((machine) => !except.includes(machine))
    await Promise.all(
      machines.map((machine) =>
        eventually(
          `the rules of ${service} on ${machine.name} to match its slices`,
          async () => {
            const [first] = await this.differences(machine, service)
            if (first) throw new Error(`${first.packet} ${first.what} (${first.rule})`)
            return true
          },
          { ...waitOptions, signal },
        ),
      ),
    )
  }

  /** How a machine's rules differ from what one Service, or all Services, require now. */
  async differences(machine: Machine, service?: string): Promise<Difference[]> {
    const { expected, rules, facts } = await this.#read(machine, service)
    const all = compare(expected, rules, facts)
    return service === undefined ? all : all.filter((difference) => difference.service !== '')
  }

  /** What a machine's rules do with each packet that Services specify, by packet. */
  async fates(machine: Machine): Promise<ReadonlyMap<string, Fate>> {
    const { expected, rules } = await this.#read(machine)
    const inOrder = (fate: Fate): Fate => fate.toSorted((a, b) => (a.to < b.to ? -1 : 1))
    return new Map(expected.map(({ packet }) => [formatPacket(packet), inOrder(withoutTrail(fateIn(rules, packet)))]))
  }

  async #read(
    machine: Machine,
    service?: string,
  ): Promise<{ expected: Expectation[]; rules: RuleSet; facts: ProxyMachine }> {
    const [ports, { text = '' }] = await Promise.all([
      portsNow(this.#cluster),
      machine.call('kernelRules', { mode: this.mode }),
    ])
    const { name, spec } = machine
    const facts = { name, address: spec.address, zone: spec.zone, podRange: podNetwork.cidr }
    const expected = expectations(
      ports.filter((port) => service === undefined || port.service === service),
      facts,
    )
    return { expected, rules: readRules(this.mode, text, facts), facts }
  }
}

/** The API server's current state: a list without a resource version is consistent. */
async function portsNow({ kubernetes }: Cluster): Promise<ServicePort[]> {
  const [services, slices] = await Promise.all([
    kubernetes.list<V1Service>('v1', 'Service'),
    kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice'),
  ])
  const named = <T>(object: V1Service | V1EndpointSlice, read: (plain: unknown) => T) => ({
    namespace: object.metadata?.namespace ?? '',
    name: object.metadata?.name ?? '',
    // The client parses times into dates; the journal and the judges use text.
    object: read(JSON.parse(JSON.stringify(object))),
  })
  return servicePorts(
    services.map((one) => named(one, (plain) => readObject('services', plain))),
    slices.map((one) => named(one, (plain) => readObject('endpointslices', plain))),
  )
}

async function running({ nodes }: Cluster): Promise<Machine[]> {
  const up = await Promise.all(nodes.map((machine) => machine.running()))
  return nodes.filter((_, n) => up[n])
}
