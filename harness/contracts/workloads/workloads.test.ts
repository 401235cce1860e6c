import { describe, expect, test } from 'vitest'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

/** The budget of web as in `spec`. In the sample journal it requires 5 of 6 pods. */
function budget(spec: object, journal: readonly JournalRecord[] = drainNode()): JournalRecord[] {
  return edited(journal, 'watch', (record) =>
    record.resource === 'poddisruptionbudgets'
      ? { ...record, object: { spec: { selector: { matchLabels: { app: 'web' } }, ...spec } } }
      : record,
  )
}

const evict = (t: number, name: string, code: number) => (builder: JournalBuilder) =>
  builder.request(t, { subresource: 'eviction', name, code })

describe('WL-08', () => {
  const kept = { status: 'pass', code: 'BUDGET_KEPT', values: { budget: 'hf-drain-node/web', refused: 1, desired: 5 } }

  test.each([
    ['a number', { minAvailable: 5 }],
    ['a share', { minAvailable: '75%' }],
    ['a number that may be missing', { maxUnavailable: 1 }],
    ['a share that may be missing', { maxUnavailable: '10%' }],
    ['an expression', { minAvailable: 5, selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }],
    ['every pod', { minAvailable: 5, selector: {} }],
  ])('reads a budget of %s', (_, spec) => {
    expect(verdictOf('WL-08', budget(spec))).toMatchObject(kept)
    const granted = drainNode((builder) => {
      for (const name of ['web-2', 'web-3']) evict(10_300, name, 201)(builder)
    })
    expect(verdictOf('WL-08', budget(spec, granted))).toMatchObject({
      status: 'fail',
      code: 'EVICTED_BEYOND_BUDGET',
      values: { pod: 'web-3', budget: 'hf-drain-node/web', healthyAfter: 4, desired: 5 },
      bound: { limit: 5, unit: 'count' },
    })
  })

  test('fails for an eviction beyond the budget that is answered with an error, unless a fault explains it', () => {
    const answered = (journal: readonly JournalRecord[]) =>
      edited(journal, 'audit', (record) => (record.code === 429 ? { ...record, code: 500 } : record))
    expect(verdictOf('WL-08', answered(drainNode()))).toMatchObject({
      status: 'fail',
      code: 'WRONG_REFUSAL',
      values: { pod: 'web-4', code: 500 },
    })
    const disturbed = drainNode((builder) =>
      builder.fault('x', 'kill', { machines: ['control-plane1'], component: 'kube-apiserver' }, 10_100, 12_000),
    )
    expect(verdictOf('WL-08', answered(disturbed))).toMatchObject({ code: 'STIMULUS_ABSENT' })
  })

  test.each([
    ['is pending', { phase: 'Pending', conditions: [] }, {}],
    ['has failed', { phase: 'Failed', conditions: [] }, {}],
    [
      'is not ready under AlwaysAllow',
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
      { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    ],
  ])('skips a pod that %s', (_, status, spec) => {
    const evicted = (object: (builder: JournalBuilder) => object): JournalRecord[] => {
      const journal = drainNode((builder) => {
        builder.object(5_000, 'pods', builder.namespace, 'web-2', { ...object(builder) })
        evict(10_300, 'web-2', 201)(builder)
      })
      const own = edited(journal, 'audit', (record) =>
        record.code === 201 && record.subresource === 'eviction' && record.name !== 'web-2' ? undefined : record,
      )
      return budget({ minAvailable: 7, ...spec }, own)
    }
    const ready = evicted((builder) => builder.podObject('web', { node: 'worker2', ready: true }))
    expect(verdictOf('WL-08', ready)).toMatchObject({ code: 'EVICTED_BEYOND_BUDGET', values: { pod: 'web-2' } })
    const unprotected = evicted((builder) => ({ ...builder.podObject('web', { node: 'worker2' }), status }))
    expect(verdictOf('WL-08', unprotected)).toMatchObject({ status: 'pass', code: 'BUDGET_KEPT' })
  })

  test('skips a pod under two budgets, for which the API answers 500', () => {
    const journal = drainNode((builder) => {
      const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } }
      builder.object(4_000, 'poddisruptionbudgets', builder.namespace, 'other', { spec }, 'added')
      evict(10_300, 'web-2', 500)(builder)
    })
    expect(verdictOf('WL-08', journal)).toMatchObject({ code: 'STIMULUS_ABSENT' })
  })

  test('does not blame a budget for a pod that had just become not ready', () => {
    const unready = (t: number) => {
      const journal = drainNode((builder) =>
        builder.object(t, 'pods', builder.namespace, 'web-3', builder.podObject('web', { node: 'worker3' })),
      )
      const first = edited(journal, 'audit', (record) =>
        record.subresource === 'eviction' && record.name === 'web-4' && record.code === 201 ? undefined : record,
      )
      return budget({ minAvailable: 5 }, first)
    }
    expect(verdictOf('WL-08', unready(9_900)).status).toBe('pass')
    expect(verdictOf('WL-08', unready(8_000))).toMatchObject({
      code: 'EVICTED_BEYOND_BUDGET',
      values: { pod: 'web-1' },
    })
  })

  test('is not exercised where the budget allowed every eviction, or there was none', () => {
    const easy = edited(drainNode(), 'audit', (record) => (record.code === 429 ? undefined : record))
    expect(verdictOf('WL-08', easy)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
    const none = edited(drainNode(), 'watch', (record) =>
      record.resource === 'poddisruptionbudgets' ? undefined : record,
    )
    expect(verdictOf('WL-08', none)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
  })

  test('is inconclusive where a lost part of an audit log may hold a granted eviction', () => {
    const gap = { kind: 'gap', source: 'control-plane2', resource: 'audit', reason: 'restarted' } as const
    const journal = drainNode((builder) => builder.add(12_000, { ...gap, until: start + 12_100 }))
    expect(verdictOf('WL-08', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_AUDITED' })
  })
})

describe('WL-10', () => {
  const command = (more: object, journal: readonly JournalRecord[] = drainNode()) =>
    edited(journal, 'command', (record) => ({ ...record, ...more }))

  test('counts the pods that left by eviction', () => {
    expect(verdictOf('WL-10', drainNode())).toMatchObject({
      status: 'pass',
      code: 'DRAINED',
      values: { node: 'worker1', pods: 2, retried: 1, afterMs: 19_950 },
    })
  })

  test('fails for a drain that fails, unless a fault explains it', () => {
    const error = { exitCode: 1, stderr: 'error: unable to drain node' }
    expect(verdictOf('WL-10', command(error))).toMatchObject({
      status: 'fail',
      code: 'DRAIN_FAILED',
      values: { node: 'worker1', exitCode: 1, error: 'error: unable to drain node' },
    })
    const disturbed = drainNode((builder) =>
      builder.fault('x', 'kill', { machines: ['control-plane1'], component: 'kube-apiserver' }, 12_000, 13_000),
    )
    expect(verdictOf('WL-10', command(error, disturbed))).toMatchObject({
      status: 'inconclusive',
      code: 'API_DISTURBED',
    })
  })

  test('fails for a pod that is placed on an unschedulable Node, unless it tolerates that or the Node is schedulable again', () => {
    const placed = (t: number, more: (builder: JournalBuilder) => unknown = () => undefined) =>
      drainNode((builder) => {
        builder.binding(t, 'x', 'worker1', 'control-plane1')
        more(builder)
      })
    expect(verdictOf('WL-10', placed(15_000))).toMatchObject({
      status: 'fail',
      code: 'PLACED_ON_CORDONED_NODE',
      values: { node: 'worker1', pods: ['x'] },
    })
    expect(verdictOf('WL-10', placed(40_500)).status).toBe('pass')
    const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }]
    const tolerant = placed(15_000, (builder) =>
      builder.object(14_900, 'pods', builder.namespace, 'x', { spec: { tolerations } }, 'added'),
    )
    expect(verdictOf('WL-10', tolerant).status).toBe('pass')
  })

  test('fails for a Node that is not marked unschedulable', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      record.resource === 'nodes' &&
      record.name === 'worker1' &&
      record.at > start + 10_000 &&
      record.at < start + 11_000
        ? undefined
        : record,
    )
    expect(verdictOf('WL-10', journal)).toMatchObject({ status: 'fail', code: 'NOT_CORDONED' })
  })

  test('fails for a pod that was not evicted, unless another client deleted it', () => {
    const refused = (journal: readonly JournalRecord[]) =>
      edited(journal, 'audit', (record) =>
        record.subresource === 'eviction' && record.name === 'web-4' && record.code === 201 ? undefined : record,
      )
    expect(verdictOf('WL-10', refused(drainNode()))).toMatchObject({
      status: 'fail',
      code: 'NOT_EVICTED',
      values: { node: 'worker1', pod: 'web-4', refused: 1 },
    })
    const removed = drainNode((builder) => builder.request(20_100, { verb: 'delete', name: 'web-4', code: 200 }))
    expect(verdictOf('WL-10', refused(removed)).status).toBe('pass')
  })

  test('fails for a drain that returns before the pods have ended', () => {
    expect(verdictOf('WL-10', command({ endedAt: start + 25_000 }))).toMatchObject({
      status: 'fail',
      code: 'RETURNED_EARLY',
      values: { node: 'worker1', pod: 'web-4' },
    })
  })

  describe('with a time limit', () => {
    const argv = ['kubectl', 'drain', 'worker1', '--timeout=15s']
    const limit = { argv, exitCode: 1, endedAt: start + 25_100, stderr: 'global timeout reached: 15s' }
    /** web-1 and web-4 are refused at these times, and no pod is evicted. */
    const refusals = (times: readonly number[]) => {
      const journal = drainNode((builder) => {
        for (const t of times) for (const name of ['web-1', 'web-4']) evict(t, name, 429)(builder)
      })
      const still = edited(journal, 'audit', (record) =>
        record.subresource === 'eviction' && record.code === 201 ? undefined : record,
      )
      return edited(still, 'watch', (record) =>
        record.at > start + 10_150 && ['pods', 'endpointslices'].includes(record.resource) ? undefined : record,
      )
    }
    const often = [10_250, 15_250, 20_250]

    test('accepts refusals until then where the budget allows no eviction', () => {
      const journal = command(limit, budget({ minAvailable: 6 }, refusals(often)))
      expect(verdictOf('WL-10', journal)).toMatchObject({
        status: 'pass',
        code: 'REFUSED_UNTIL_LIMIT',
        values: { node: 'worker1', pods: 2, refused: 7 },
      })
      expect(verdictOf('WL-08', journal)).toMatchObject({ status: 'pass', code: 'BUDGET_KEPT', values: { desired: 6 } })
    })

    test('fails where a refused eviction was not requested again', () => {
      const journal = command(limit, budget({ minAvailable: 6 }, refusals([10_250])))
      expect(verdictOf('WL-10', journal)).toMatchObject({
        status: 'fail',
        code: 'STOPPED_ASKING',
        values: { pod: 'web-1', silentMs: 14_850 },
      })
    })

    test('is inconclusive where the budget allowed it, or pods were still terminating', () => {
      const allowed = command(limit, budget({ minAvailable: 1 }, refusals(often)))
      expect(verdictOf('WL-10', allowed)).toMatchObject({ status: 'inconclusive', code: 'DRAIN_TIME_LIMIT' })
      expect(verdictOf('WL-10', command(limit))).toMatchObject({ status: 'inconclusive', code: 'DRAIN_TIME_LIMIT' })
    })
  })

  test.each([
    ['the command', () => undefined],
    ['a drain that was not interrupted', (record: JournalRecord) => ({ ...record, exitCode: 255 }) as JournalRecord],
  ])('is not exercised without %s', (_, change) => {
    const journal = edited(drainNode(), 'command', change)
    expect(verdictOf('WL-10', journal)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
  })
})
