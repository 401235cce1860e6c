import { describe, expect, test } from 'vitest'
import { Script } from '../../judge/testing/script.ts'
import { drainNode, killScheduler, workedExample } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

describe('SCHED-01', () => {
  test('is broken by a binding of somebody else', () => {
    const journal = workedExample((script) =>
      script.request(1_115, { subresource: 'binding', name: 'hello-1', detail: 'worker3', user: 'eve' }),
    )
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('eve asked to bind hello-1'),
    })
  })

  test('is broken by a pod that got a Node without a binding', () => {
    const journal = edited(workedExample(), 'audit', (record) =>
      record.subresource === 'binding' && record.name === 'hello-2' ? undefined : record,
    )
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('hello-2 was placed on worker2'),
    })
  })

  test('is late where a pod waited', () => {
    const journal = workedExample((script) =>
      script
        .pendingPod(1_100, 'hello-3', 'hello')
        .binding(9_000, 'hello-3', 'worker1', 'control-plane1')
        .placed(9_010, 'hello-3', 'worker1', 'hello'),
    )
    expect(verdictOf('SCHED-01', journal)).toMatchObject({ status: 'late', measured: 7_910 })
  })

  test('is broken by a pod that was never placed', () => {
    const journal = workedExample((script) => script.pendingPod(1_100, 'hello-3', 'hello'))
    expect(verdictOf('SCHED-01', journal)).toMatchObject({ status: 'fail', reason: 'hello-3 got no Node in 5 s.' })
  })

  test('is undecided where a part of an audit log was lost', () => {
    const gap = { kind: 'gap', source: 'control-plane2', resource: 'audit', reason: 'it was begun anew' } as const
    const journal = workedExample((script) => script.add(1_500, { ...gap, until: start + 1_700 }))
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      status: 'inconclusive',
      reason: 'The audit log of control-plane2 was not followed for 200 ms: it was begun anew.',
    })
  })

  test('leaves pods alone that name their Node themselves', () => {
    const journal = workedExample((script) =>
      script.object(500, 'pods', script.namespace, 'client', script.podObject('client', { node: 'worker1' }), 'added'),
    )
    expect(verdictOf('SCHED-01', journal).status).toBe('pass')
  })
})

describe('SCHED-02', () => {
  test('is broken by a binding while no scheduler runs', () => {
    const journal = killScheduler((script) => script.binding(50_000, 'web-9', 'worker3', 'control-plane1'))
    expect(verdictOf('SCHED-02', journal)).toMatchObject({
      status: 'fail',
      reason: 'web-9 was bound to worker3 10 s after the last scheduler had gone.',
    })
  })

  test('is broken by a container that ended meanwhile', () => {
    const journal = edited(killScheduler(), 'containers', (record) =>
      record.at > start + 60_000
        ? {
            ...record,
            containers: record.containers.map((one) => (one.pod === 'web-2' ? { ...one, startedAt: 'anew' } : one)),
          }
        : record,
    )
    expect(verdictOf('SCHED-02', journal)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('web-2 on worker2'),
    })
  })

  test('is broken by a pod that waits for ever', () => {
    const journal = edited(killScheduler(), 'watch', (record) =>
      record.name === 'web-10' && record.at > start + 60_000 ? undefined : record,
    )
    expect(verdictOf('SCHED-02', journal)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('web-10 still had no Node'),
    })
  })

  test('is late where the backlog drained past its bound', () => {
    const journal = edited(killScheduler(), 'watch', (record) =>
      record.name === 'web-10' && record.at > start + 60_000 ? { ...record, at: record.at + 25_000 } : record,
    )
    expect(verdictOf('SCHED-02', journal)).toMatchObject({ status: 'late', measured: 29_210, bound: { limit: 28_800 } })
  })

  test('is undecided where nothing waited, where one scheduler ran on, and where nobody looked at a Node', () => {
    const idle = edited(killScheduler(), 'watch', (record) => (/web-(9|10)$/.test(record.name) ? undefined : record))
    expect(verdictOf('SCHED-02', idle)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('No pod was waiting'),
    })
    const single = edited(killScheduler(), 'fault', (record) => (record.id === 'f2' ? undefined : record))
    expect(verdictOf('SCHED-02', single)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('At no time'),
    })
    const unseen = edited(killScheduler(), 'containers', (record) =>
      record.machine === 'worker3' ? undefined : record,
    )
    expect(verdictOf('SCHED-02', unseen)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('worker3'),
    })
  })
})

describe('SCHED-14', () => {
  test.each([
    ['is kept by an instance that tells that it leads while the Lease is its own', 'control-plane2', 34_000, 'pass'],
    [
      "is broken by an instance that tells that it leads while the Lease is another one's",
      'control-plane1',
      34_000,
      'fail',
    ],
    ['says nothing of who tells that it leads while the Lease passes on', 'control-plane1', 28_500, 'pass'],
  ] as const)('%s: %s at %d ms', (_, machine, t, status) => {
    const journal = killScheduler((script) =>
      script.add(t, {
        kind: 'metrics',
        endedAt: start + t + 20,
        machine,
        component: 'kube-scheduler',
        fault: 'f1',
        moment: 'effect',
        values: { 'leader_election_master_status{name="kube-scheduler"}': 1 },
      }),
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status,
      ...(status === 'fail' ? { observed: 'two active instances' } : {}),
    })
  })

  test('is broken by two schedulers without leader election', () => {
    const script = new Script('worked-example')
    // Other Leases are there, so their watch worked; nobody holds one for the scheduler.
    script.object(
      5,
      'leases',
      'kube-system',
      'kube-controller-manager',
      { spec: { holderIdentity: 'control-plane1_x' } },
      'listed',
    )
    for (const [t, by, code] of [
      [1_000, 'control-plane1', 201],
      [1_002, 'control-plane2', 409],
      [1_010, 'control-plane2', 201],
    ] as const) {
      script.binding(t, 'hello-1', 'worker1', by, code)
    }
    expect(verdictOf('SCHED-14', script.journal(20_000))).toMatchObject({
      status: 'fail',
      reason:
        '3 bindings came from control-plane1 and control-plane2, and no Lease kube-system/kube-scheduler says who may.',
    })
  })

  test('is broken by a binding of an instance that does not hold the Lease, even a refused one', () => {
    const journal = drainNode((script) => script.binding(30_000, 'web-7', 'worker2', 'control-plane2', 409))
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status: 'fail',
      reason: 'control-plane2 asked to bind web-7 while control-plane1 held the Lease (answered 409).',
    })
  })

  test('is broken by an old leader that binds after its successor, however close to the change', () => {
    const journal = killScheduler((script) =>
      script
        .leads('control-plane2', 84_000, 88_000, 'd')
        .binding(84_100, 'web-8', 'worker1', 'control-plane2')
        .binding(84_300, 'web-9', 'worker1', 'control-plane1'),
    )
    const renewed = edited(journal, 'watch', (record) => {
      const spec = record.object['spec'] as { holderIdentity?: string } | undefined
      return record.at > start + 84_000 && spec?.holderIdentity === 'control-plane1_c' ? undefined : record
    })
    expect(verdictOf('SCHED-14', renewed)).toMatchObject({
      status: 'fail',
      reason:
        'control-plane1 asked to bind web-9 while control-plane2 held the Lease, after its successor had begun to bind (answered 201).',
    })
  })

  test('is broken by a leader that goes on binding when its Lease has run out', () => {
    const journal = edited(
      drainNode((script) => script.binding(60_000, 'web-7', 'worker3', 'control-plane1')),
      'watch',
      (record) => (record.name === 'kube-scheduler' && record.at > start + 40_000 ? undefined : record),
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('nobody held the Lease'),
    })
  })

  test('takes a binding that overtakes the news of its leader', () => {
    const journal = killScheduler((script) => script.binding(27_600, 'web-7', 'worker1', 'control-plane2', 409))
    expect(verdictOf('SCHED-14', journal).status).toBe('pass')
  })

  test('is late where the takeover took too long', () => {
    const late = edited(killScheduler(), 'watch', (record) =>
      record.name === 'kube-scheduler' && record.at > start + 20_000 && record.at < start + 35_000 ? undefined : record,
    )
    const journal = edited(late, 'audit', (record) =>
      record.sourceAddress === '10.0.0.15' ? { ...record, at: start + 37_000, endedAt: start + 37_005 } : record,
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status: 'late',
      measured: 26_000,
      margin: expect.closeTo(-0.092, 2),
    })
  })

  test('is broken where nobody took over', () => {
    const journal = edited(
      edited(killScheduler(), 'watch', (record) =>
        record.name === 'kube-scheduler' && record.at > start + 20_000 && record.at < start + 60_000
          ? undefined
          : record,
      ),
      'audit',
      (record) => (record.sourceAddress === '10.0.0.15' ? undefined : record),
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({ status: 'fail', observed: 'no takeover' })
  })

  test('is undecided without bindings, with an unknown issuer, or where nobody watched the Lease', () => {
    const none = edited(drainNode(), 'audit', (record) => (record.subresource === 'binding' ? undefined : record))
    expect(verdictOf('SCHED-14', none).status).toBe('inconclusive')
    const stranger = drainNode((script) => script.binding(30_000, 'web-7', 'worker2', '192.0.2.1'))
    expect(verdictOf('SCHED-14', stranger)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('no machine'),
    })
    const blind = drainNode((script) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        script.add(19_000, { kind: 'gap', source, resource: 'leases', until: start + 22_000, reason: 'cut' })
      }
    })
    expect(verdictOf('SCHED-14', blind)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('Nobody watched leases'),
    })
    const oneEyed = drainNode((script) =>
      script.add(19_000, {
        kind: 'gap',
        source: 'control-plane2',
        resource: 'leases',
        until: start + 22_000,
        reason: 'cut',
      }),
    )
    expect(verdictOf('SCHED-14', oneEyed).status).toBe('pass')
    const unwatched = edited(drainNode(), 'watch', (record) => (record.resource === 'leases' ? undefined : record))
    expect(verdictOf('SCHED-14', unwatched)).toMatchObject({
      status: 'inconclusive',
      reason: 'No watch of leases was recorded.',
    })
  })
})
