import { describe, expect, test } from 'vitest'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { drainNode, killScheduler } from '../../judge/testing/sample-journals.ts'
import { nodeObject, start } from '../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { endsAt, process, quiet, steady, withProcesses } from './testing/quiet.ts'

const verdict = (journal: readonly JournalRecord[]) => verdictOf('SYS-01', journal)
const hit = (component: string, machine: string) => ({ machines: [machine], component })
const restarted = { instances: [process(200, 60_000)] }
const onWorker = ['kubelet', 'worker1'] as const

/** Watches of everything broken at an API server for ten seconds. */
function broken(builder: JournalBuilder, source: string, resources = ['pods', 'nodes', 'leases']): JournalBuilder {
  for (const resource of resources) {
    builder.add(60_000, { kind: 'gap', source, resource, until: start + 70_000, reason: 'aborted' })
  }
  return builder
}

function probed(builder: JournalBuilder, ok: (t: number) => boolean): void {
  for (let t = 50_000; t < 70_000; t += 500) {
    const base = { from: 'outside', to: '127.0.0.1:1', service: 'apiserver@control-plane1', protocol: 'tcp' } as const
    builder.add(t, { kind: 'attempt', ...base, target: 'api-server', endedAt: start + t + 5, ok: ok(t) })
  }
}

const during = (change: object) => (t: number) => (t >= 60_000 && t < 66_000 ? change : {})
const unready = (builder: JournalBuilder): JournalBuilder =>
  builder.object(60_000, 'nodes', '', 'worker1', nodeObject('Unknown'))
const secondLeader = (builder: JournalBuilder): JournalBuilder =>
  builder.leads('control-plane2', endsAt - 500, endsAt - 500, 'b')

describe('SYS-01', () => {
  test('passes where nothing was down', () => {
    expect(verdict(quiet())).toMatchObject({ status: 'pass', code: 'NOTHING_ELSE_DOWN', values: { processes: 24 } })
  })

  test.each([
    ['COMPONENT_RESTARTED', 'kubelet', 'worker1', withProcesses(quiet(), onWorker, 'end', restarted)],
    ['COMPONENT_MISSING', 'kubelet', 'worker1', withProcesses(quiet(), onWorker, 'end', { instances: [] })],
    [
      'SECOND_INSTANCE',
      'kube-scheduler',
      'control-plane1',
      withProcesses(quiet(), ['kube-scheduler', 'control-plane1'], 'end', {
        instances: [...steady, { ...process(300, 50_000), supervised: false }],
      }),
    ],
    ['SECOND_INSTANCE', 'kubelet', 'worker1', withProcesses(quiet(), onWorker, 'end', { expected: false })],
    ['MEMBER_SILENT', 'etcd', 'etcd2', quiet(undefined, { etcd2: during({ answered: false, leader: undefined }) })],
    ['MEMBER_WITHOUT_LEADER', 'etcd', 'etcd2', quiet(undefined, { etcd2: during({ leader: '' }) })],
    ['API_SERVER_SILENT', 'kube-apiserver', 'control-plane1', quiet((builder) => broken(builder, 'control-plane1'))],
    [
      'API_SERVER_SILENT',
      'kube-apiserver',
      'control-plane1',
      quiet((builder) => probed(builder, (t) => t < 60_000 || t > 63_000)),
    ],
    ['NODE_NOT_READY', 'kubelet', 'worker1', quiet(unready)],
    ['LEADER_CHANGED', 'kube-scheduler', 'control-plane1', quiet(secondLeader)],
    [
      'LEADER_CHANGED',
      'etcd',
      'etcd3',
      quiet(undefined, { etcd3: (t) => (t > 60_000 ? { leader: 'etcd3', term: 3 } : {}) }),
    ],
  ])('fails with %s for %s on %s', (code, component, machine, journal) => {
    const { status, code: found, values } = verdict(journal)
    expect({ status, found, ...values }).toMatchObject({ status: 'fail', found: code, component, machine })
    expect(values['fromMs']).toBeGreaterThan(0)
  })

  test('names the time and the other findings', () => {
    const journal = withProcesses(quiet(unready), onWorker, 'end', restarted)
    expect(verdict(journal).values).toMatchObject({
      fromMs: 60_000,
      untilMs: 60_010,
      others: ['NODE_NOT_READY kubelet@worker1'],
    })
  })

  test('reports a silent member before the leader that ended because of it', () => {
    const silent = quiet(undefined, { etcd2: during({ answered: false, leader: undefined }) })
    const journal = withProcesses(silent, ['kube-scheduler', 'control-plane1'], 'end', restarted)
    expect(verdict(journal)).toMatchObject({
      code: 'MEMBER_SILENT',
      values: { others: ['COMPONENT_RESTARTED kube-scheduler@control-plane1'] },
    })
  })

  test.each([
    [
      'a fault on it',
      'pass',
      (builder: JournalBuilder) => builder.fault('f', 'kill', hit('kubelet', 'worker1'), 55_000, 58_000),
    ],
    [
      'a fault on its machine',
      'pass',
      (builder: JournalBuilder) => builder.fault('f', 'restart-machine', { machines: ['worker1'] }, 55_000, 58_000),
    ],
    [
      'its machine being lost',
      'pass',
      (builder: JournalBuilder) => builder.fault('f', 'lose-machine', { machines: ['worker1'] }, 55_000),
    ],
    [
      'a deletion of its Node',
      'pass',
      (builder: JournalBuilder) => builder.fault('f', 'delete-node', { machines: ['worker1'] }, 55_000, 58_000),
    ],
    [
      'a deletion of another Node',
      'fail',
      (builder: JournalBuilder) => builder.fault('f', 'delete-node', { machines: ['worker2'] }, 55_000, 58_000),
    ],
    [
      'a fault on another machine',
      'fail',
      (builder: JournalBuilder) => builder.fault('f', 'kill', hit('kubelet', 'worker2'), 55_000, 58_000),
    ],
    [
      'a fault on another component',
      'fail',
      (builder: JournalBuilder) => builder.fault('f', 'kill', hit('kube-proxy', 'worker1'), 55_000, 58_000),
    ],
    [
      'a fault that ended long before',
      'fail',
      (builder: JournalBuilder) => builder.fault('f', 'kill', hit('kubelet', 'worker1'), 1_000, 2_000),
    ],
    [
      'a fault that came later',
      'fail',
      (builder: JournalBuilder) => builder.fault('f', 'kill', hit('kubelet', 'worker1'), 70_000, 71_000),
    ],
    [
      'a drained Node',
      'fail',
      (builder: JournalBuilder) => builder.fault('f', 'drain', { machines: ['worker1'] }, 55_000, 70_000),
    ],
  ] as const)('with a restart and %s: %s', (_, status, build) => {
    expect(verdict(withProcesses(quiet(build), onWorker, 'end', restarted)).status).toBe(status)
  })

  test.each([
    ['a fault on etcd', 'pass', hit('etcd', 'etcd2'), 100_000],
    ['a fault on an API server', 'pass', hit('kube-apiserver', 'control-plane2'), 100_000],
    ['a fault on the leader', 'pass', hit('kube-scheduler', 'control-plane1'), 100_000],
    ['a fault on the standby', 'fail', hit('kube-scheduler', 'control-plane2'), 100_000],
    ['a fault on a worker', 'fail', { machines: ['worker1'] }, 100_000],
    ['a fault on etcd that is long over', 'fail', hit('etcd', 'etcd2'), 10_000],
  ] as const)('with a leader that changes after %s: %s', (_, status, target, at) => {
    const change = (builder: JournalBuilder): JournalBuilder =>
      secondLeader(builder).fault('f', 'pause', { ...target, machines: [...target.machines] }, at, at + 1_000)
    expect(verdict(quiet(change)).status).toBe(status)
  })

  test('holds a lost Node against no other Node', () => {
    const lost = (machine: string) =>
      quiet((builder) => unready(builder).fault('f', 'lose-machine', { machines: [machine] }, 5_000))
    expect([verdict(lost('worker1')).status, verdict(lost('worker2')).code]).toEqual(['pass', 'NODE_NOT_READY'])
  })

  test('excuses the silence of a member by its own fault and by a lost majority only', () => {
    const silent = { etcd2: during({ answered: false, leader: undefined }) }
    const killed = (...names: readonly string[]) =>
      quiet(
        (builder) => names.forEach((name, n) => builder.fault(`f${n}`, 'kill', hit('etcd', name), 59_000, 65_000)),
        silent,
      )
    expect(verdict(killed('etcd2')).status).toBe('pass')
    expect(verdict(killed('etcd1', 'etcd3')).status).toBe('pass')
    expect(verdict(killed('etcd3')).code).toBe('MEMBER_SILENT')
  })

  test('takes a single watch that broke for no silence of its API server', () => {
    expect(verdict(quiet((builder) => broken(builder, 'control-plane1', ['pods']))).status).toBe('pass')
  })

  test.each([
    [3_000, 'inconclusive', 'HOST_NOISE'],
    [2_000, 'fail', 'LEADER_CHANGED'],
  ])('with a leader that changes on a host that is %d ms late: %s', (latestMs, status, code) => {
    const journal = quiet((builder) =>
      secondLeader(builder).add(endsAt - 5_000, { kind: 'host', everyMs: 2_000, latestMs, cores: 2, runnable: 40 }),
    )
    expect(verdict(journal)).toMatchObject({ status, code })
    if (status === 'inconclusive')
      expect(verdict(journal).values).toMatchObject({
        hostLateMs: 3_000,
        runnable: 40,
        trouble: 'LEADER_CHANGED',
        delayMs: 10_000,
      })
  })

  test.each([
    [40, 'inconclusive', 'HOST_NOISE'],
    [4, 'fail', 'MEMBER_SILENT'],
  ])('with a member that is silent for 6 s and %d processes that want two processors: %s', (runnable, status, code) => {
    const silent = { etcd2: during({ answered: false, leader: undefined }) }
    const busy = quiet((builder) => {
      for (let t = 50_000; t < 80_000; t += 2_000) {
        builder.add(t, { kind: 'host', everyMs: 2_000, latestMs: 10, cores: 2, runnable })
      }
    }, silent)
    expect(verdict(busy)).toMatchObject({ status, code })
  })

  test('takes what follows from noise for noise, and a leader that changed at another time for none', () => {
    const silent = { etcd2: during({ answered: false, leader: undefined }) }
    const changedAt = (t: number): JournalRecord[] =>
      quiet((builder) => {
        builder.add(62_000, { kind: 'host', everyMs: 2_000, latestMs: 2_000, cores: 2 })
        builder.leads('control-plane2', t, t, 'b')
      }, silent)
    expect(verdict(changedAt(66_000)).code).toBe('HOST_NOISE')
    expect(verdict(changedAt(110_000)).code).toBe('LEADER_CHANGED')
  })

  test('never takes a restart of what holds no Lease for noise', () => {
    const late = (builder: JournalBuilder): JournalBuilder =>
      builder.add(61_000, { kind: 'host', everyMs: 2_000, latestMs: 60_000, cores: 2 })
    expect(verdict(withProcesses(quiet(late), onWorker, 'end', restarted)).code).toBe('COMPONENT_RESTARTED')
  })

  test('is inconclusive where something was not read or not observed, unless something else is broken', () => {
    const unread = withProcesses(quiet(), onWorker, 'end', { instances: [], error: 'no answer' })
    expect(verdict(unread)).toMatchObject({ status: 'inconclusive', code: 'NOT_READ', values: { machine: 'worker1' } })
    const withoutEnd = quiet().filter((record) => record.kind !== 'processes' || record.moment === 'start')
    expect(verdict(withoutEnd)).toMatchObject({ status: 'inconclusive', code: 'NOT_READ' })
    const isUnseen = (record: JournalRecord): boolean =>
      record.kind === 'etcd' && record.member === 'etcd2' && record.at > start + 60_000 && record.at < start + 80_000
    const unseen = quiet().filter((record) => !isUnseen(record))
    expect(verdict(unseen)).toMatchObject({ status: 'inconclusive', code: 'NOT_OBSERVED', values: { member: 'etcd2' } })
    expect(verdict(withProcesses(unread, ['kubelet', 'worker2'], 'end', restarted)).code).toBe('COMPONENT_RESTARTED')
  })

  test('needs the processes of the beginning: an older recording has none', () => {
    for (const sound of [drainNode(), killScheduler()]) expect(verdict(sound).code).toBe('STIMULUS_ABSENT')
  })
})
