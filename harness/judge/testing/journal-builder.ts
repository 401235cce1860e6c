import { type JournalRecord, recordSchema, type RecordOf } from '../../record/records.ts'
import { addressOf, nodeObject, nodes, runningContainer, start, clusterFacts } from './cluster-facts.ts'
import { podSpec } from './pod-spec.ts'

/*
 * Builds recordings for the judges' own tests in the shape of real ones. Every record passes the journal's schema, so a
 * sample journal can't hold what no recorder could write.
 */

type Draft = JournalRecord extends infer R ? (R extends JournalRecord ? Omit<R, 'at'> & { at?: number } : never) : never

/** Writes a scenario's journal. `t` is always milliseconds since the scenario's start. */
export class JournalBuilder {
  readonly namespace: string
  readonly #scenario: string
  readonly #records: JournalRecord[] = []
  readonly #uids = new Map<string, string>()
  #version = 1_000
  #census = 0

  constructor(scenario: string) {
    this.#scenario = scenario
    this.namespace = `hf-${scenario}`
    for (const record of clusterFacts) this.#put({ at: start - 10_000, ...record })
    this.add(0, { kind: 'scenario', name: scenario, edge: 'start' })
    for (const node of nodes) this.object(1, 'nodes', '', node, nodeObject('True'), 'listed')
  }

  add(t: number, record: Draft): this {
    this.#put({ ...record, at: start + t } as JournalRecord)
    return this
  }

  /** An object as both API servers report it, the second a little later. */
  object(
    t: number,
    resource: string,
    namespace: string,
    name: string,
    object: Record<string, unknown>,
    event: RecordOf<'watch'>['event'] = 'modified',
  ): this {
    const uid = this.uid(resource, namespace, name)
    const resourceVersion = String(++this.#version)
    for (const [source, lag] of [
      ['control-plane1', 0],
      ['control-plane2', 3],
    ] as const) {
      const seen = { kind: 'watch', source, event, resource, namespace, name, uid, resourceVersion, object } as const
      this.add(t + lag, seen)
    }
    return this
  }

  uid(resource: string, namespace: string, name: string): string {
    const key = `${resource}/${namespace}/${name}`
    const known = this.#uids.get(key) ?? `uid-${this.#uids.size}`
    this.#uids.set(key, known)
    return known
  }

  /** Renewals of a leader's Lease every 2 s, from one time to another. */
  leads(machine: string, from: number, until: number, id = 'a'): this {
    const spec = { holderIdentity: `${machine}_${id}`, leaseDurationSeconds: 15 }
    for (let t = from; t <= until; t += 2_000) {
      this.object(
        t,
        'leases',
        'kube-system',
        'kube-scheduler',
        { spec },
        t === from && from < 10 ? 'listed' : 'modified',
      )
    }
    return this
  }

  request(t: number, more: Partial<RecordOf<'audit'>>): this {
    return this.add(t, {
      kind: 'audit',
      endedAt: start + t + 5,
      machine: 'control-plane1',
      id: `audit-${this.#records.length}`,
      user: 'holdfast-admin',
      userAgent: 'test',
      sourceAddress: '10.0.0.1',
      verb: 'create',
      resource: 'pods',
      subresource: '',
      namespace: this.namespace,
      name: '',
      code: 201,
      ...more,
    })
  }

  binding(t: number, pod: string, node: string, by: string, code = 201): this {
    const sourceAddress = addressOf(by)
    const user = 'system:kube-scheduler'
    return this.request(t, { subresource: 'binding', name: pod, detail: node, user, sourceAddress, code })
  }

  /** A pod of a ReplicaSet: requested, bound by the scheduler of a machine, reported Ready. */
  pod(t: number, name: string, node: string, by: string, app = 'web'): this {
    this.pendingPod(t, name, app)
    this.binding(t + 20, name, node, by)
    return this.placed(t + 30, name, node, app)
  }

  pendingPod(t: number, name: string, app = 'web'): this {
    this.request(t - 5, { user: 'system:serviceaccount:kube-system:replicaset-controller' })
    return this.object(t, 'pods', this.namespace, name, this.podObject(app), 'added')
  }

  placed(t: number, name: string, node: string, app = 'web'): this {
    this.object(t, 'pods', this.namespace, name, this.podObject(app, { node }))
    const user = `system:node:${node}`
    this.request(t + 900, { verb: 'patch', subresource: 'status', name, user, code: 200 })
    return this.object(
      t + 900,
      'pods',
      this.namespace,
      name,
      this.podObject(app, { node, ready: true, podIP: this.#podIP(name) }),
    )
  }

  unready(t: number, name: string, node: string, app = 'web'): this {
    return this.object(t, 'pods', this.namespace, name, this.podObject(app, { node, podIP: this.#podIP(name) }))
  }

  #podIP(name: string): string {
    return `10.244.1.${this.uid('pods', this.namespace, name).replace('uid-', '')}`
  }

  podObject(
    app: string,
    more: { node?: string; ready?: boolean; ending?: boolean; podIP?: string } = {},
  ): Record<string, unknown> {
    const { node, ready = false, ending = false, podIP } = more
    const set = `${app}-5d`
    const uid = this.uid('replicasets', this.namespace, set)
    return {
      metadata: {
        labels: { app },
        ownerReferences: [{ kind: 'ReplicaSet', name: set, uid, controller: true }],
        ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: podSpec(node),
      status: {
        phase: ready ? 'Running' : 'Pending',
        ...(podIP ? { podIP, containerStatuses: runningContainer(podIP) } : {}),
        conditions: [
          ...(node ? [{ type: 'PodScheduled', status: 'True' }] : []),
          { type: 'Ready', status: ready ? 'True' : 'False' },
        ],
      },
    }
  }

  deployment(t: number, app: string, replicas: number, event: 'added' | 'modified' = 'modified'): this {
    const spec = { replicas, selector: { matchLabels: { app } } }
    return this.object(t, 'deployments', this.namespace, app, { metadata: {}, spec }, event)
  }

  /** The one ReplicaSet of a Deployment, as the Deployment controller requested it. */
  replicaSet(t: number, app: string, replicas: number, event: 'added' | 'modified' = 'modified'): this {
    const owner = { kind: 'Deployment', name: app, uid: this.uid('deployments', this.namespace, app), controller: true }
    const object = { metadata: { ownerReferences: [owner] }, spec: { replicas } }
    return this.object(t, 'replicasets', this.namespace, `${app}-5d`, object, event)
  }

  /** Renewals of a Node's Lease every 10 s, from one time to another. */
  renewals(node: string, from: number, until: number): this {
    for (let t = from; t <= until; t += 10_000) {
      const renewTime = new Date(Date.UTC(2026, 0, 1) + t).toISOString()
      const spec = { holderIdentity: node, leaseDurationSeconds: 40, renewTime }
      this.object(t, 'leases', 'kube-node-lease', node, { spec }, t === from && from < 10 ? 'listed' : 'modified')
    }
    return this
  }

  /** A Service's one slice: each pod with its Node, `!` before the Node of an unready pod, and `more` of each endpoint. */
  slice(
    t: number,
    service: string,
    endpoints: Readonly<Record<string, string>>,
    more: (pod: string, node: string) => object = () => ({}),
  ): this {
    const metadata = { labels: { 'kubernetes.io/service-name': service } }
    const ports = [
      { port: 8080, protocol: 'TCP' },
      { port: 8081, protocol: 'UDP' },
    ]
    const list = Object.entries(endpoints).map(([pod, node]) => ({
      addresses: [this.#podIP(pod)],
      targetRef: { kind: 'Pod', name: pod },
      nodeName: node.replace('!', ''),
      conditions: { ready: !node.startsWith('!') },
      ...more(pod, node.replace('!', '')),
    }))
    return this.object(t, 'endpointslices', this.namespace, `${service}-x`, { metadata, ports, endpoints: list })
  }

  service(t: number, name: string, clusterIP: string, spec: object = {}): this {
    const ports = [
      { port: 80, protocol: 'TCP' },
      { port: 81, protocol: 'UDP' },
    ]
    const object = { metadata: {}, spec: { clusterIP, ports, selector: { app: name }, ...spec } }
    return this.object(t, 'services', this.namespace, name, object, 'added')
  }

  /** A fault's life; `until` undefined means permanent. */
  fault(id: string, fault: string, target: RecordOf<'fault'>['target'], from: number, until?: number): this {
    const base = { kind: 'fault', id, fault, target, ...(until === undefined ? { permanent: true } : {}) } as const
    const evidence = [{ proves: 'it is so', facts: { pid: 7, stays: true } }]
    this.add(from - 20, { ...base, edge: 'intent', evidence: [] })
    this.add(from, { ...base, edge: 'injected', evidence })
    return until === undefined ? this : this.add(until, { ...base, edge: 'healed', evidence })
  }

  /** Probes every 200 ms from some places over both protocols; `answer` returns the answering pod, if any. */
  probes(
    from: number,
    until: number,
    answer: (t: number, place: string) => string | undefined,
    places: readonly string[] = nodes,
    service = 'web',
  ): this {
    for (const place of places) {
      for (const protocol of ['tcp', 'udp'] as const) {
        for (let t = from; t < until; t += 200) {
          const backend = answer(t, place)
          this.add(t, {
            kind: 'attempt',
            endedAt: start + t + 2,
            from: place,
            to: '10.96.0.9:80',
            service: `${this.namespace}/${service}`,
            protocol,
            ok: backend !== undefined,
            ...(backend === undefined ? { error: 'no answer in time' } : { backend }),
          })
        }
      }
    }
    return this
  }

  samples(
    t: number,
    service: string,
    backends: Readonly<Record<string, number>>,
    places: readonly string[] = nodes,
  ): this {
    const attempts = Object.values(backends).reduce((sum, count) => sum + count, 0)
    for (const from of places) {
      for (const protocol of ['tcp', 'udp'] as const) {
        const name = `${this.namespace}/${service}`
        const sample = { kind: 'sample', from, service: name, protocol, attempts, failed: 0, backends } as const
        this.add(t, { ...sample, endedAt: start + t + 500 })
      }
    }
    return this
  }

  /** The containers of every Node's runtime: pods by their Node. */
  census(t: number, pods: Readonly<Record<string, string>>): this {
    for (const machine of nodes) {
      const containers = Object.entries(pods)
        .filter(([, node]) => node === machine)
        .map(([pod]) => ({
          id: `id-${this.#podIP(pod)}`,
          namespace: this.namespace,
          pod,
          name: 'c',
          pid: 9,
          startedAt: `s-${pod}`,
          address: this.#podIP(pod),
        }))
      this.add(t + this.#census++ / 1000, { kind: 'containers', machine, containers })
    }
    return this
  }

  /** The whole journal, with the scenario's end at `t`. */
  journal(t: number): JournalRecord[] {
    this.add(t, { kind: 'scenario', name: this.#scenario, edge: 'end', outcome: 'completed' })
    const order = (record: JournalRecord): number =>
      record.kind === 'scenario' ? (record.edge === 'start' ? -Infinity : Infinity) : record.at
    const [before, own] = [this.#records.filter(({ at }) => at < start), this.#records.filter(({ at }) => at >= start)]
    return [...before, ...own.sort((a, b) => order(a) - order(b))]
  }

  #put(record: JournalRecord): void {
    this.#records.push(recordSchema.parse(record))
  }
}
