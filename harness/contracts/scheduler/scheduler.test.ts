import { describe, expect, test } from 'vitest'
import { killScheduler, workedExample } from '../../judge/testing/stories.ts'
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
      code: 'BOUND_WITHOUT_SCHEDULER',
      values: { bindings: ['web-9 was bound to worker3 10 s'] },
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
      code: 'CONTAINERS_ENDED',
      values: { containers: ['web-2 on worker2'] },
    })
  })

  test('is broken by a pod that waits for ever', () => {
    const journal = edited(killScheduler(), 'watch', (record) =>
      record.name === 'web-10' && record.at > start + 60_000 ? undefined : record,
    )
    expect(verdictOf('SCHED-02', journal)).toMatchObject({
      status: 'fail',
      code: 'POD_LEFT_WAITING',
      values: { pod: 'web-10', afterMs: 30_000 },
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
      code: 'STIMULUS_ABSENT',
    })
    const single = edited(killScheduler(), 'fault', (record) => (record.id === 'f2' ? undefined : record))
    expect(verdictOf('SCHED-02', single)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
    const unseen = edited(killScheduler(), 'containers', (record) =>
      record.machine === 'worker3' ? undefined : record,
    )
    expect(verdictOf('SCHED-02', unseen)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_LOOKED_AT',
    })
  })

  test('leaves out what waits for a documented reason', () => {
    const declined = (reason: string) =>
      edited(killScheduler(), 'watch', (record) => {
        if (record.name !== 'web-10' || record.resource !== 'pods') return record
        if (record.at > start + 60_000) return undefined
        const condition = { type: 'PodScheduled', status: 'False', reason }
        return { ...record, object: { ...record.object, status: { phase: 'Pending', conditions: [condition] } } }
      })
    for (const reason of ['SchedulingGated', 'Unschedulable']) {
      expect(verdictOf('SCHED-02', declined(reason))).toMatchObject({ status: 'pass', values: { pods: 1 } })
    }
    expect(verdictOf('SCHED-02', declined('SchedulerError'))).toMatchObject({ code: 'POD_LEFT_WAITING' })
  })

  test('is broken by a pod that waits for a standby that never takes over', () => {
    const alone = edited(killScheduler(), 'fault', (record) => (record.id === 'f2' ? undefined : record))
    const stuck = edited(alone, 'watch', (record) =>
      record.name === 'web-7' && record.at > start + 11_000 ? undefined : record,
    )
    expect(verdictOf('SCHED-02', stuck)).toMatchObject({
      status: 'fail',
      code: 'POD_LEFT_WAITING',
      values: { pod: 'web-7', afterMs: 79_850 },
    })
  })
})
