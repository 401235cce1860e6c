import type { JournalRecord, RecordOf } from '../../harness/record/records.ts'

type Draft<T> = T extends JournalRecord ? Omit<T, 'at'> & { at?: number } : never

/** Builds synthetic journals for the reports' tests. Times are milliseconds. */
export class SyntheticJournal {
  readonly records: JournalRecord[] = []
  now: number
  readonly #holders = new Map<string, string>()
  #version = 100

  constructor(start = 1_000_000) {
    this.now = start
  }

  add(record: Draft<JournalRecord>): this {
    this.records.push({ at: this.now, ...record } as JournalRecord)
    return this
  }

  /** Lets time pass; holders renew their Leases. */
  wait(ms: number): this {
    const until = this.now + ms
    for (let due = Math.ceil(this.now / 2000) * 2000; due < until; due += 2000) {
      this.now = due
      for (const [name, holder] of this.#holders) this.lease(name, holder)
    }
    this.now = until
    return this
  }

  /** From now on `holder` renews the Lease; '' stops renewals. */
  hold(name: string, holder: string): this {
    if (holder === '') this.#holders.delete(name)
    else this.#holders.set(name, holder)
    return holder === '' ? this : this.lease(name, holder)
  }

  run(more: Partial<RecordOf<'run'>> = {}): this {
    return this.add({
      kind: 'run',
      schema: 1,
      run: '2026-01-02-brave-otter',
      startedAt: '2026-01-02T03:04:05.000Z',
      seed: 42,
      command: 'npm start',
      versions: { holdfast: '0.1.0', kubernetes: 'v1.37.2', etcd: 'v3.7.3' },
      host: { cores: 2, memoryBytes: 25e9, kernel: '6.18.0' },
      ...more,
    })
  }

  cluster(): this {
    const machine = (name: string, role: 'etcd' | 'control-plane' | 'worker', index: number) => ({
      name,
      roles: [role],
      address: `172.31.0.${index}`,
      node: role !== 'etcd',
    })
    return this.add({
      kind: 'cluster',
      topology: 'ha',
      distribution: 'upstream',
      reason: 'no image registry answers here',
      timings: 'stock',
      image: 'holdfast/machine:1f2e3d',
      bootMs: 13_420,
      versions: { kubernetes: 'v1.37.2' },
      coverage: [
        { distribution: 'upstream', component: 'kubelet', apart: true, reason: '' },
        { distribution: 'k3s', component: 'kubelet', apart: false, reason: 'it is one process with kube-proxy' },
      ],
      machines: [
        ...[1, 2, 3].map((n) => machine(`etcd${n}`, 'etcd', 10 + n)),
        ...[1, 2].map((n) => machine(`control-plane${n}`, 'control-plane', 20 + n)),
        ...[1, 2, 3].map((n) => machine(`worker${n}`, 'worker', 30 + n)),
      ],
    })
  }

  scenario(
    name: string,
    body: (journal: this) => void,
    outcome: 'completed' | 'harness-error' | 'interrupted' = 'completed',
  ): this {
    this.add({ kind: 'scenario', name, edge: 'start' }).wait(50)
    body(this)
    return this.wait(50).add({ kind: 'scenario', name, edge: 'end', outcome })
  }

  fault(
    id: string,
    fault: string,
    target: RecordOf<'fault'>['target'],
    edge: RecordOf<'fault'>['edge'],
    permanent = false,
  ): this {
    const evidence = edge === 'intent' ? [] : [{ proves: `${fault} is ${edge}`, facts: { pid: 4711 } }]
    return this.add({ kind: 'fault', id, fault, target, edge, evidence, ...(permanent ? { permanent } : {}) })
  }

  object(
    resource: string,
    name: string,
    object: Record<string, unknown>,
    namespace = '',
    source = 'control-plane1',
  ): this {
    const resourceVersion = String(++this.#version)
    return this.add({
      kind: 'watch',
      source,
      event: 'modified',
      resource,
      namespace,
      name,
      uid: `${resource}-${name}`,
      resourceVersion,
      object,
    })
  }

  lease(name: string, holder: string, leaseDurationSeconds = 15): this {
    const spec = { holderIdentity: `${holder}_0c8e`, leaseDurationSeconds, renewTime: new Date(this.now).toISOString() }
    return this.object('leases', name, { spec }, 'kube-system')
  }

  node(name: string, ready: 'True' | 'False' | 'Unknown', unschedulable = false): this {
    return this.object('nodes', name, {
      spec: { unschedulable },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    })
  }

  warning(reason: string, pod: string, message: string, type = 'Warning'): this {
    const object = { type, reason, message, count: 1, involvedObject: { kind: 'Pod', name: pod } }
    return this.object('events', `${pod}.${this.#version}`, object, 'hf-kill-scheduler')
  }

  /** Adds `count` attempts, one every `everyMs`, from `now` on; `now` stays. `ok` decides the result by index. */
  attempts(
    from: string,
    protocol: 'tcp' | 'udp',
    count: number,
    everyMs: number,
    ok: (index: number) => boolean = () => true,
  ): this {
    for (let index = 0; index < count; index++) {
      const at = this.now + index * everyMs
      const good = ok(index)
      this.add({
        kind: 'attempt',
        at,
        endedAt: at + 2,
        from,
        to: '10.96.0.20:80',
        service: 'hf-kill-scheduler/web',
        protocol,
        ok: good,
        ...(good ? { backend: 'web-1' } : { error: 'connection refused' }),
      })
    }
    return this
  }

  etcdStatus(leader: string, term: number, silent: readonly string[] = []): this {
    for (const member of ['etcd1', 'etcd2', 'etcd3']) {
      if (silent.includes(member)) this.add({ kind: 'etcd', member, answered: false, error: 'deadline exceeded' })
      else this.add({ kind: 'etcd', member, answered: true, leader, term, revision: 900 })
    }
    return this
  }
}
