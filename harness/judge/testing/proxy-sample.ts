import { createHash } from 'node:crypto'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { readObject } from '../recording/kubernetes-objects.ts'
import { servicePorts } from '../kube-proxy/service-ports.ts'
import { iptablesText } from '../kube-proxy/testing/iptables-text.ts'
import { JournalBuilder } from './journal-builder.ts'
import { addressOf, nodes, start } from './cluster-facts.ts'

/** An endpoint in a sample journal: its pod, Node and last part of its address, and its state. */
export interface SampleEndpoint {
  readonly pod: string
  readonly node: string
  readonly host: number
  readonly state?: 'ready' | 'unready' | 'published' | 'leaving'
}

const conditions = {
  ready: { ready: true, serving: true, terminating: false },
  unready: { ready: false, serving: false, terminating: false },
  published: { ready: true, serving: false, terminating: false },
  leaving: { ready: false, serving: true, terminating: true },
} as const

const ports = [
  { name: 'tcp', port: 80, protocol: 'TCP' },
  { name: 'udp', port: 81, protocol: 'UDP' },
]
const slicePorts = [
  { name: 'tcp', port: 8080, protocol: 'TCP' },
  { name: 'udp', port: 8081, protocol: 'UDP' },
]

/** Services that change, and Nodes with rule snapshots. */
export class ProxySample {
  readonly builder: JournalBuilder
  readonly #services = new Map<string, object>()
  readonly #slices = new Map<string, object>()
  readonly #hashes = new Map<string, string>()

  constructor(builder: JournalBuilder) {
    this.builder = builder
  }

  service(t: number, name: string, clusterIP: string, spec: object = {}): void {
    const nodePort = 'nodePort' in spec ? { nodePort: spec.nodePort } : {}
    const object = {
      metadata: {},
      spec: {
        clusterIP,
        ...spec,
        ports: ports.map((port) => (port.protocol === 'TCP' ? { ...port, ...nodePort } : port)),
      },
    }
    this.#services.set(name, object)
    this.builder.object(t, 'services', this.builder.namespace, name, object, 'added')
  }

  endpoints(t: number, service: string, reported: readonly SampleEndpoint[]): void {
    const object = {
      metadata: { labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ports: slicePorts,
      endpoints: reported.map(({ pod, node, host, state = 'ready' }) => ({
        addresses: [`10.244.9.${host}`],
        nodeName: node,
        targetRef: { kind: 'Pod', name: pod },
        conditions: conditions[state],
      })),
    }
    this.#slices.set(service, object)
    this.builder.object(t, 'endpointslices', this.builder.namespace, `${service}-x`, object)
  }

  /** A machine's rules when they implement the current Services. */
  rulesOf(machine: string): string {
    const { namespace } = this.builder
    const named = [...this.#services].map(([name, object]) => ({
      namespace,
      name,
      object: readObject('services', object),
    }))
    const slices = [...this.#slices].map(([name, object]) => ({
      namespace,
      name,
      object: readObject('endpointslices', object),
    }))
    const facts = { name: machine, address: addressOf(machine), zone: '', podRange: '10.244.0.0/16' }
    return iptablesText(servicePorts(named, slices), facts)
  }

  snapshot(
    t: number,
    machines: readonly string[] = nodes,
    text = (machine: string): string => this.rulesOf(machine),
  ): void {
    for (const machine of machines) {
      const now = text(machine)
      const hash = createHash('sha256').update(now).digest('hex').slice(0, 16)
      const known = this.#hashes.get(machine) === hash
      this.#hashes.set(machine, hash)
      const snapshot = { kind: 'rules', machine, mode: 'iptables', hash, endedAt: start + t + 5 } as const
      this.builder.add(t, { ...snapshot, ...(known ? {} : { text: now }) })
    }
  }

  /** A machine's rules in its last snapshot. */
  snapshotAgain(t: number, machine: string): void {
    const hash = this.#hashes.get(machine) ?? ''
    this.builder.add(t, { kind: 'rules', machine, mode: 'iptables', hash, endedAt: start + t + 5 })
  }

  reach(t: number, from: string, service: string, more: Partial<RecordOf<'reach'>> & { to: string }): void {
    const about = {
      kind: 'reach',
      from,
      through: '',
      service: `${this.builder.namespace}/${service}`,
      protocol: 'tcp',
    } as const
    this.builder.add(t, { ...about, endedAt: start + t + 20, outcome: 'answered', ...more })
  }

  /** Probes to a node port of the Service `outside`, answered by that pod or not let through. */
  fromOutside(from: number, until: number, machine: string, backend: string | undefined): void {
    const to = `${addressOf(machine)}:30080`
    const service = `${this.builder.namespace}/outside`
    const about = { kind: 'attempt', from: 'outside', to, service, protocol: 'tcp', target: 'node-port' } as const
    const reported = backend
      ? ({ ok: true, backend } as const)
      : ({ ok: false, error: 'no connection in time', errorClass: 'no-connection' } as const)
    for (let t = from; t < until; t += 100)
      this.builder.add(t, { ...about, endedAt: start + t + (backend ? 2 : 900), ...reported })
  }

  health(t: number, machine: string, service: string, status: number): void {
    const about = { kind: 'health', machine, service: `${this.builder.namespace}/${service}`, port: 30_090 } as const
    this.builder.add(t, { ...about, endedAt: start + t + 5, status, body: '' })
  }

  name(t: number, machine: string, service: string, addresses: readonly string[]): void {
    const { namespace } = this.builder
    const about = { kind: 'name', machine, service: `${namespace}/${service}`, answered: true } as const
    const name = `${service}.${namespace}.svc.cluster.local`
    this.builder.add(t, { ...about, endedAt: start + t + 5, name, addresses: [...addresses] })
  }

  flows(t: number, host: number | undefined): void {
    const flow = { to: '10.96.1.7:81', answeredBy: `10.244.9.${host}:8081` }
    const about = {
      kind: 'flows',
      machine: 'worker2',
      service: `${this.builder.namespace}/sink`,
      sourcePort: 9_500,
    } as const
    this.builder.add(t, { ...about, flows: host === undefined ? [] : [flow] })
  }
}

/** Services of every sort; kube-proxy on worker1 is down from 22 s to 28 s, and its rules are removed at 32 s. */
export function kubeProxyRules(before: (sound: ProxySample) => void = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('kube-proxy-rules').leads('control-plane1', 5, 61_000)
  const sound = new ProxySample(builder)
  const [one, two, three, four] = [1, 2, 3, 4].map((n) => ({
    pod: `web-${n}`,
    node: `worker${((n - 1) % 3) + 1}`,
    host: n,
  }))
  if (!one || !two || !three || !four) throw new Error('there are four')
  const edge = { pod: 'edge-1', node: 'worker2', host: 20 }
  const asleep = { pod: 'unready-1', node: 'worker3', host: 30 }
  sound.service(100, 'web', '10.96.1.1')
  sound.service(110, 'sticky', '10.96.1.2', {
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } },
  })
  sound.service(120, 'outside', '10.96.1.3', { type: 'NodePort', externalTrafficPolicy: 'Local', nodePort: 30_080 })
  sound.service(130, 'inside', '10.96.1.4', { internalTrafficPolicy: 'Local' })
  sound.service(140, 'hidden', '10.96.1.5')
  sound.service(150, 'published', '10.96.1.6', { publishNotReadyAddresses: true })
  sound.service(160, 'sink', '10.96.1.7')
  sound.service(170, 'forgetful', '10.96.1.9', {
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 2 } },
  })
  sound.service(180, 'balanced', '10.96.1.10', {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30_090,
  })
  for (const name of ['headless', 'headless-hidden', 'headless-published']) sound.service(190, name, 'None')
  for (const name of ['web', 'sticky', 'forgetful']) sound.endpoints(200, name, [one, two, three])
  for (const name of ['outside', 'inside', 'balanced']) sound.endpoints(210, name, [edge])
  sound.endpoints(250, 'headless', [one, two, three])
  sound.endpoints(260, 'headless-hidden', [{ ...asleep, state: 'unready' }])
  sound.endpoints(270, 'headless-published', [{ ...asleep, state: 'published' }])
  sound.endpoints(220, 'hidden', [{ ...asleep, state: 'unready' }])
  sound.endpoints(230, 'published', [{ ...asleep, state: 'published' }])
  sound.endpoints(240, 'sink', [{ pod: 'sink-1', node: 'worker1', host: 40 }])
  sound.snapshot(1_200)

  const answers = (pod: string, client?: string) => ({ backend: pod, ...(client === undefined ? {} : { client }) })
  const everywhere = (t: number): void => {
    for (const node of nodes) {
      const sender = node === 'worker1' ? 'worker3' : 'worker1'
      const through = { to: `${addressOf(node)}:30080`, through: node }
      const [local, none] = [answers('edge-1', addressOf(sender)), { outcome: 'silent' as const }]
      sound.reach(t, sender, 'outside', { ...through, ...(node === 'worker2' ? local : none) })
      const foreign = { ...through, source: '10.0.0.2', ...(node === 'worker2' ? answers('edge-1', '10.0.0.2') : none) }
      sound.reach(t, 'outside', 'outside', foreign)
      sound.reach(t, node, 'inside', { to: '10.96.1.4:80', ...(node === 'worker2' ? answers('edge-1') : none) })
      sound.reach(t, node, 'hidden', { to: '10.96.1.5:80', outcome: 'refused' })
      sound.reach(t, node, 'published', { to: '10.96.1.6:80', ...answers('unready-1') })
    }
  }
  everywhere(7_000)
  for (const node of nodes) {
    sound.health(7_200, node, 'balanced', node === 'worker2' ? 200 : 503)
    sound.name(7_300, node, 'headless', ['10.244.9.1', '10.244.9.2', '10.244.9.3'])
    sound.name(7_400, node, 'headless-hidden', [])
    sound.name(7_500, node, 'headless-published', ['10.244.9.30'])
    for (const [n, pod] of ['web-1', 'web-1', 'web-2', 'web-2', 'web-3'].entries()) {
      sound.reach(1_500 + Math.floor(n / 2) * 2_600 + (n % 2) * 100, node, 'forgetful', {
        to: '10.96.1.9:80',
        ...answers(pod),
      })
    }
  }

  for (const name of ['web', 'sticky']) sound.endpoints(8_000, name, [one, two, four])
  for (const machine of nodes) sound.snapshotAgain(8_300, machine)
  sound.snapshot(9_200)
  builder.probes(1_500, 31_500, () => 'web-1')
  builder.probes(
    1_500,
    31_500,
    (t, place) => (place !== 'worker1' ? 'web-2' : t < 8_600 ? 'web-3' : 'web-4'),
    nodes,
    'sticky',
  )

  for (const node of nodes) sound.fromOutside(1_500, 15_900, node, node === 'worker2' ? 'edge-1' : undefined)

  for (const name of ['outside', 'inside', 'balanced']) sound.endpoints(10_000, name, [{ ...edge, state: 'leaving' }])
  sound.snapshot(11_000)
  sound.reach(15_500, 'worker1', 'outside', {
    to: `${addressOf('worker2')}:30080`,
    through: 'worker2',
    ...answers('edge-1', addressOf('worker1')),
  })
  sound.reach(15_500, 'worker2', 'inside', { to: '10.96.1.4:80', ...answers('edge-1') })
  for (const name of ['outside', 'inside', 'balanced']) sound.endpoints(16_000, name, [])
  sound.snapshot(17_000)

  sound.flows(17_500, 40)
  sound.endpoints(18_000, 'sink', [])
  sound.snapshot(19_000)
  sound.flows(19_100, undefined)
  sound.endpoints(20_000, 'sink', [{ pod: 'sink-2', node: 'worker3', host: 41 }])
  sound.snapshot(21_000)
  sound.flows(21_200, 41)

  builder.fault('f1', 'kill', { machines: ['worker1'], component: 'kube-proxy' }, 22_000, 28_000)
  const rest = nodes.filter((node) => node !== 'worker1')
  sound.snapshotAgain(22_500, 'worker1')
  sound.snapshot(22_500, rest)
  sound.service(23_000, 'late', '10.96.1.8')
  sound.endpoints(23_050, 'late', [{ pod: 'sink-2', node: 'worker3', host: 41 }])
  for (const t of [24_500, 26_500]) {
    sound.snapshotAgain(t, 'worker1')
    sound.snapshot(t, rest)
  }
  for (const node of nodes) {
    const known = node === 'worker1' ? { outcome: 'silent' as const } : answers('sink-2')
    sound.reach(25_000, node, 'late', { to: '10.96.1.8:80', ...known })
  }
  sound.snapshot(29_500)

  builder.fault('f2', 'flush-proxy', { machines: ['worker1'], component: 'kube-proxy' }, 32_000, 60_500)
  sound.snapshot(33_000, ['worker1'], () => '*nat\n:PREROUTING ACCEPT\nCOMMIT\n*filter\nCOMMIT\n')
  sound.snapshot(60_000)
  for (const t of [14_000, 30_000, 61_000]) builder.samples(t, 'web', { 'web-1': 70, 'web-2': 62, 'web-4': 68 })
  builder.pod(50, 'web-1', 'worker1', 'control-plane1')
  builder.census(61_000, { 'web-1': 'worker1' })
  before(sound)
  return builder.journal(62_000)
}
