import { describe, expect, test } from 'vitest'
import { workedExample } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** Pods that request `each` are bound to worker3, which has 4 processors; the first ends before the last is placed. */
function requesting(each: readonly string[], { firstEnds = false } = {}) {
  return workedExample((builder) => {
    for (const [n, cpu] of each.entries()) {
      const [name, t] = [`pod-${n}`, 5_000 + 100 * n]
      const pod = (more: object, phase = 'Pending') => ({
        spec: { containers: [{ resources: { requests: { cpu } } }], ...more },
        status: { phase },
      })
      builder.object(t, 'pods', builder.namespace, name, pod({}), 'added')
      builder.object(t + 10, 'pods', builder.namespace, name, pod({ nodeName: 'worker3' }))
      const done = pod({ nodeName: 'worker3' }, 'Succeeded')
      if (n === 0 && firstEnds) builder.object(t + 20, 'pods', builder.namespace, name, done)
    }
  })
}

describe('SCHED-03', () => {
  test('passes for a sound recording', () => {
    expect(verdictOf('SCHED-03', workedExample())).toMatchObject({
      status: 'pass',
      code: 'REQUESTS_FIT',
      values: { pods: 2 },
    })
  })

  test('passes up to the last processor, and fails past it', () => {
    expect(verdictOf('SCHED-03', requesting(['2', '1500m', '0.5'])).status).toBe('pass')
    expect(verdictOf('SCHED-03', requesting(['2', '1500m', '501m']))).toMatchObject({
      status: 'fail',
      code: 'OVERCOMMITTED',
      values: { pod: 'hf-worked-example/pod-2', node: 'worker3', resource: 'cpu', requested: 4.001, allocatable: 4 },
    })
  })

  test('does not count finished pods', () => {
    expect(verdictOf('SCHED-03', requesting(['3', '2'])).status).toBe('fail')
    expect(verdictOf('SCHED-03', requesting(['3', '2'], { firstEnds: true })).status).toBe('pass')
  })

  test('counts the number of pods', () => {
    const one = edited(workedExample(), 'watch', (record) => {
      if (record.resource !== 'nodes') return record
      const status = { ...(record.object['status'] as object), allocatable: { cpu: '4', pods: '1' } }
      return { ...record, object: { ...record.object, status } }
    })
    expect(verdictOf('SCHED-03', one).status).toBe('pass')
    const two = edited(one, 'watch', (record) => {
      const spec = record.object['spec'] as { nodeName?: string } | undefined
      if (record.resource !== 'pods' || spec?.nodeName === undefined) return record
      return { ...record, object: { ...record.object, spec: { ...spec, nodeName: 'worker1' } } }
    })
    expect(verdictOf('SCHED-03', two)).toMatchObject({ status: 'fail', values: { resource: 'pods', requested: 2 } })
  })

  test('is inconclusive where the resources of the Node are unknown', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.resource === 'nodes' ? { ...record, object: {} } : record,
    )
    expect(verdictOf('SCHED-03', journal)).toMatchObject({ status: 'inconclusive', code: 'NODE_UNKNOWN' })
  })
})
