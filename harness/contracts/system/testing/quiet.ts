import { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import { start } from '../../../judge/testing/cluster-facts.ts'
import type { JournalRecord, RecordOf } from '../../../record/records.ts'

const members = ['etcd1', 'etcd2', 'etcd3'] as const
const servers = ['control-plane1', 'control-plane2'] as const
const workers = ['worker1', 'worker2', 'worker3'] as const
export const endsAt = 120_000
const readAt = { start: 50, end: endsAt - 50 } as const
const watched = ['pods', 'nodes', 'leases'] as const

type Instances = RecordOf<'processes'>['instances']

/** A process that began some time after the scenario; before it where that is negative. */
export function process(pid: number, startedAt: number): Instances[number] {
  return { pid, startedAt: String((start + startedAt) / 10), supervised: true }
}

export const steady: Instances = [process(100, -60_000)]

function componentsOf(machine: string): readonly string[] {
  if (machine.startsWith('etcd')) return ['etcd']
  const node = ['containerd', 'kubelet', 'kube-proxy']
  return machine.startsWith('worker') ? node : ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', ...node]
}

type Statuses = Partial<Record<string, (t: number) => Partial<RecordOf<'etcd'>>>>

/** A cluster in which nothing happens for two minutes; `play` adds what does, `statuses` changes what a member reports. */
export function quiet(
  build: (builder: JournalBuilder) => unknown = () => undefined,
  statuses: Statuses = {},
): JournalRecord[] {
  const builder = new JournalBuilder('quiet')
  for (const server of servers) {
    for (const resource of watched) {
      builder.add(10, { kind: 'mark', source: server, resource, resourceVersion: '5' })
    }
  }
  builder.leads('control-plane1', 5, endsAt - 1_000)
  for (let t = 100; t < endsAt; t += 500) {
    for (const member of members) {
      const own = statuses[member]?.(t) ?? {}
      const base = { kind: 'etcd', member, answered: true, leader: 'etcd1', term: 2, revision: 5 } as const
      builder.add(t, { ...base, ...own })
    }
  }
  for (const moment of ['start', 'end'] as const) {
    for (const machine of [...members, ...servers, ...workers]) {
      for (const component of componentsOf(machine)) {
        const base = { kind: 'processes', machine, component, moment } as const
        builder.add(readAt[moment], { ...base, expected: true, instances: steady })
      }
    }
    for (const machine of servers) {
      const base = { kind: 'config', machine, component: 'kube-scheduler', source: 'command line' } as const
      builder.add(readAt[moment], {
        ...base,
        values: { 'leader-elect-lease-duration': '15s', 'bind-address': machine },
      })
    }
  }
  build(builder)
  return builder.journal(endsAt)
}

/** The journal with other processes of a component at one of the two readings. */
export function withProcesses(
  journal: readonly JournalRecord[],
  [component, machine]: readonly [component: string, machine: string],
  moment: 'start' | 'end',
  change: Partial<RecordOf<'processes'>>,
): JournalRecord[] {
  return journal.map((record) =>
    record.kind === 'processes' &&
    record.component === component &&
    record.machine === machine &&
    record.moment === moment
      ? { ...record, ...change }
      : record,
  )
}
