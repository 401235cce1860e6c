import { describe, expect, test } from 'vitest'
import { killScheduler, workedExample } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

describe('SCHED-01', () => {
  const waiting = (status: object, spec: object = {}) =>
    workedExample((builder) => {
      builder.object(1_100, 'pods', builder.namespace, 'alone', { spec, status: { phase: 'Pending' } }, 'added')
      builder.object(1_200, 'pods', builder.namespace, 'alone', { spec, status: { phase: 'Pending', ...status } })
    })
  const because = (reason: string) => ({ conditions: [{ type: 'PodScheduled', status: 'False', reason }] })

  test('counts every pod that was created without a Node, in any namespace and under any name', () => {
    expect(verdictOf('SCHED-01', workedExample())).toMatchObject({
      status: 'pass',
      code: 'PLACED',
      values: { pods: 2 },
    })
    const elsewhere = workedExample((builder) => builder.object(2_000, 'pods', 'elsewhere', 'x', {}, 'added'))
    expect(verdictOf('SCHED-01', elsewhere)).toMatchObject({
      code: 'NOT_PLACED',
      values: { pod: 'x', afterMs: 18_000 },
    })
  })

  test('fails for a binding of another client, unless it was refused or the pod has another scheduler', () => {
    const bound = (code: number, spec: object = {}) =>
      workedExample((builder) =>
        builder
          .object(1_050, 'pods', builder.namespace, 'x', { spec: { nodeName: 'worker3', ...spec } }, 'added')
          .request(1_115, { subresource: 'binding', name: 'x', detail: 'worker3', user: 'eve', code }),
      )
    expect(verdictOf('SCHED-01', bound(201))).toMatchObject({
      status: 'fail',
      code: 'BOUND_BY_ANOTHER',
      values: { bindings: ['eve bound x to worker3'] },
    })
    expect(verdictOf('SCHED-01', bound(403)).status).toBe('pass')
    expect(verdictOf('SCHED-01', bound(201, { schedulerName: 'own' })).status).toBe('pass')
  })

  test('fails for a pod that got a Node without a binding', () => {
    const journal = edited(workedExample(), 'audit', (record) =>
      record.subresource === 'binding' && record.name === 'hello-2' ? undefined : record,
    )
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      status: 'fail',
      code: 'PLACED_WITHOUT_BINDING',
      values: { pod: 'hello-2', node: 'worker2' },
    })
  })

  test('is inconclusive where a lost part of an audit log may hold the missing binding', () => {
    const gap = { kind: 'gap', source: 'control-plane2', resource: 'audit', reason: 'restarted' } as const
    const whole = workedExample((builder) => builder.add(1_500, { ...gap, until: start + 1_700 }))
    expect(verdictOf('SCHED-01', whole).status).toBe('pass')
    const journal = edited(whole, 'audit', (record) => (record.subresource === 'binding' ? undefined : record))
    expect(verdictOf('SCHED-01', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_AUDITED' })
  })

  test('fails for a pod that has a Node and no condition', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.name === 'hello-2' ? { ...record, object: { ...record.object, status: {} } } : record,
    )
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      status: 'fail',
      code: 'CONDITION_MISSING',
      values: { pod: 'hello-2' },
    })
  })

  test('is late where a pod waited', () => {
    const journal = workedExample((builder) =>
      builder
        .pendingPod(1_100, 'hello-3', 'hello')
        .binding(9_000, 'hello-3', 'worker1', 'control-plane1')
        .placed(9_010, 'hello-3', 'worker1', 'hello'),
    )
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      status: 'late',
      code: 'PLACED_LATE',
      values: { pod: 'hello-3', afterMs: 7_910 },
      bound: { limit: 5_000 },
    })
  })

  test('fails for a pod that waits without a documented reason', () => {
    for (const status of [{}, because('SchedulerError')]) {
      expect(verdictOf('SCHED-01', waiting(status))).toMatchObject({
        status: 'fail',
        code: 'NOT_PLACED',
        values: { pod: 'alone', afterMs: 18_900 },
      })
    }
  })

  test('accepts a pod that fits no Node, and skips one that is gated or has another scheduler', () => {
    expect(verdictOf('SCHED-01', waiting(because('Unschedulable')))).toMatchObject({
      status: 'pass',
      values: { pods: 3, declined: 1 },
    })
    const gated = waiting(because('SchedulingGated'), { schedulingGates: [{ name: 'example.com/wait' }] })
    expect(verdictOf('SCHED-01', gated)).toMatchObject({ status: 'pass', values: { pods: 2, declined: 0 } })
    expect(verdictOf('SCHED-01', waiting({}, { schedulerName: 'own' }))).toMatchObject({ values: { pods: 2 } })
  })

  test('counts a gated pod from the removal of its last gate, despite its old condition', () => {
    const journal = workedExample((builder) => {
      const gate = { spec: { schedulingGates: [{ name: 'a' }] }, status: because('SchedulingGated') }
      builder.object(1_100, 'pods', builder.namespace, 'gated', gate, 'added')
      builder.object(9_000, 'pods', builder.namespace, 'gated', { status: because('SchedulingGated') })
    })
    expect(verdictOf('SCHED-01', journal)).toMatchObject({
      code: 'NOT_PLACED',
      values: { pod: 'gated', afterMs: 11_000 },
    })
  })

  test('does not count the time in which faults kept schedulers from acting', () => {
    expect(verdictOf('SCHED-01', killScheduler())).toMatchObject({ status: 'pass', values: { pods: 10 } })
    const lone = edited(killScheduler(), 'fault', () => undefined)
    expect(verdictOf('SCHED-01', lone)).toMatchObject({ status: 'late', values: { afterMs: 24_060 } })
  })

  test('skips pods that name their Node themselves, and pods for which the recording is too short', () => {
    const own = workedExample((builder) =>
      builder
        .object(500, 'pods', builder.namespace, 'client', builder.podObject('client', { node: 'worker1' }), 'added')
        .pendingPod(16_000, 'hello-3', 'hello'),
    )
    expect(verdictOf('SCHED-01', own)).toMatchObject({ status: 'pass', values: { pods: 2 } })
  })
})

describe('SCHED-02', () => {
  test('fails for a binding while no scheduler runs', () => {
    const journal = killScheduler((builder) => builder.binding(50_000, 'web-9', 'worker3', 'control-plane1'))
    expect(verdictOf('SCHED-02', journal)).toMatchObject({
      status: 'fail',
      code: 'BOUND_WITHOUT_SCHEDULER',
      values: { bindings: ['web-9 was bound to worker3 10 s'] },
    })
  })

  test('fails for a container that ended meanwhile', () => {
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

  test('fails for a pod that is never placed', () => {
    const journal = edited(killScheduler(), 'watch', (record) =>
      record.name === 'web-10' && record.at > start + 60_000 ? undefined : record,
    )
    expect(verdictOf('SCHED-02', journal)).toMatchObject({
      status: 'fail',
      code: 'POD_LEFT_WAITING',
      values: { pod: 'web-10', afterMs: 30_000 },
    })
  })

  test('is late where the waiting pods were placed after the bound', () => {
    const journal = edited(killScheduler(), 'watch', (record) =>
      record.name === 'web-10' && record.at > start + 60_000 ? { ...record, at: record.at + 25_000 } : record,
    )
    expect(verdictOf('SCHED-02', journal)).toMatchObject({ status: 'late', measured: 29_210, bound: { limit: 28_800 } })
  })

  test('is inconclusive without a waiting pod, with one running scheduler, or without the containers of a Node', () => {
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

  test('skips pods that wait for a documented reason', () => {
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

  test('fails for a pod that waits for a standby that never takes over', () => {
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
