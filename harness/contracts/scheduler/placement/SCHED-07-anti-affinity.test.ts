import { describe, expect, test } from 'vitest'
import { start } from '../../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import { placing, type Placing } from './testing/placing.ts'

const antiAffinityBy = (topologyKey = 'kubernetes.io/hostname', more: object = {}): object => {
  const term = { topologyKey, labelSelector: { matchLabels: { app: 'a' } }, ...more }
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
}
const zone = 'topology.kubernetes.io/zone'
const pod = (name: string, node: string | undefined, more: Partial<Placing> = {}): Placing => ({
  name,
  spec: antiAffinityBy(),
  ...more,
  ...(node === undefined ? {} : { node }),
})
const verdict = (...pods: readonly Placing[]) => verdictOf('SCHED-07', placing(pods))

describe('SCHED-07', () => {
  test('passes for pods on different Nodes, and counts the pods that wait', () => {
    expect(verdict(pod('a1', 'worker1'), pod('a2', 'worker2'), pod('a3', undefined))).toMatchObject({
      status: 'pass',
      code: 'PLACED_APART',
      values: { pods: 2, waiting: 1 },
    })
  })

  test('fails for two pods on one Node, in a burst of one scheduler', () => {
    expect(verdict(pod('a1', 'worker1'), pod('a2', 'worker1'))).toMatchObject({
      status: 'fail',
      code: 'PLACED_TOGETHER',
      values: {
        pod: 'hf-worked-example/a2',
        other: 'hf-worked-example/a1',
        topologyKey: 'kubernetes.io/hostname',
        domain: 'worker1',
      },
    })
  })

  test('fails for two pods in one zone', () => {
    const spec = antiAffinityBy(zone)
    expect(verdict(pod('a1', 'worker1', { spec }), pod('a2', 'worker2', { spec })).status).toBe('pass')
    expect(verdict(pod('a1', 'worker1', { spec }), pod('a2', 'worker3', { spec }))).toMatchObject({
      status: 'fail',
      values: { topologyKey: zone, domain: 'a' },
    })
  })

  test('fails where a pod that excludes nothing itself joins one that excludes it', () => {
    expect(verdict(pod('a1', 'worker1', { labels: { app: 'b' } }), pod('a2', 'worker1', { spec: {} })).status).toBe(
      'fail',
    )
  })

  test('fails where another scheduler placed the first pod long before', () => {
    const other = { by: 'control-plane2', at: 3_000 }
    expect(verdict(pod('a1', 'worker1', other), pod('a2', 'worker1')).status).toBe('fail')
    expect(verdict(pod('a1', 'worker1', { ...other, at: 4_500 }), pod('a2', 'worker1')).status).toBe('pass')
  })

  test('passes where the other pod was deleted before', () => {
    expect(verdict(pod('a1', 'worker1', { at: 2_000, endsAt: 4_000 }), pod('a2', 'worker1')).status).toBe('pass')
  })

  test('follows the namespaces of a term', () => {
    const elsewhere = { spec: antiAffinityBy(undefined, { namespaces: ['other'] }) }
    expect(verdict(pod('a1', 'worker1', elsewhere), pod('a2', 'worker1', elsewhere)).status).toBe('pass')
    const everywhere = { spec: antiAffinityBy(undefined, { namespaceSelector: {} }) }
    expect(verdict(pod('a1', 'worker1', everywhere), pod('a2', 'worker1', everywhere)).status).toBe('fail')
  })

  test('is not exercised without required anti-affinity', () => {
    expect(verdict(pod('a1', 'worker1', { spec: {} })).code).toBe('STIMULUS_ABSENT')
  })

  test('is inconclusive where no source watched the pods', () => {
    const journal = placing([pod('a1', 'worker1')], (builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(4_500, { kind: 'gap', source, resource: 'pods', until: start + 5_010, reason: 'cut' })
      }
    })
    expect(verdictOf('SCHED-07', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
