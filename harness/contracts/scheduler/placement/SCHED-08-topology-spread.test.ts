import { describe, expect, test } from 'vitest'
import { start } from '../../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import { placing, type Placing } from './testing/placing.ts'

const zone = 'topology.kubernetes.io/zone'
const hostname = 'kubernetes.io/hostname'

const spread = (topologyKey: string, more: object = {}): object => ({
  topologySpreadConstraints: [
    {
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'a' } },
      ...more,
    },
  ],
})

/** Pods that are bound to these Nodes, `everyMs` one after the other. */
const onNodes = (nodes: readonly string[], spec: object, everyMs = 2_000): Placing[] =>
  nodes.map((node, n) => ({ name: `a${n}`, node, spec, at: 3_000 + n * everyMs }))
const verdict = (...args: Parameters<typeof onNodes>) => verdictOf('SCHED-08', placing(onNodes(...args)))

describe('SCHED-08', () => {
  test('passes for pods that alternate between zones', () => {
    expect(verdict(['worker1', 'worker2', 'worker3', 'worker2'], spread(zone))).toMatchObject({
      status: 'pass',
      code: 'SPREAD',
      values: { pods: 4, skew: 1 },
    })
  })

  test('fails for a second pod in one zone while the other one is empty, in a burst as well', () => {
    for (const everyMs of [2_000, 10]) {
      expect(verdict(['worker1', 'worker3'], spread(zone), everyMs)).toMatchObject({
        status: 'fail',
        code: 'SKEW_EXCEEDED',
        values: { topologyKey: zone, domain: 'a', here: 2, least: 0, maxSkew: 1 },
      })
    }
  })

  test('accepts bindings that arrive in another order than the decisions', () => {
    const nodes = ['worker1', 'worker3', 'worker2']
    expect(verdict(nodes, spread(zone), 10).status).toBe('pass')
    expect(verdict(nodes, spread(zone)).status).toBe('fail')
  })

  test('counts tainted Nodes as domains unless the constraint honours taints', () => {
    const nodes = ['worker1', 'worker2', 'worker3', 'worker1']
    expect(verdict(nodes, spread(hostname)).status).toBe('fail')
    expect(verdict(nodes, spread(hostname, { nodeTaintsPolicy: 'Honor' })).status).toBe('pass')
  })

  test('follows maxSkew and minDomains', () => {
    expect(verdict(['worker1', 'worker3'], spread(zone, { maxSkew: 2 })).status).toBe('pass')
    const nodes = ['worker1', 'worker2', 'worker3']
    expect(verdict(nodes, spread(zone, { minDomains: 2 })).status).toBe('pass')
    expect(verdict(nodes, spread(zone, { minDomains: 3 })).status).toBe('fail')
  })

  test('does not count pods that ended', () => {
    const pods = onNodes(['worker1', 'worker2', 'worker3'], spread(zone)).map((pod, n) =>
      n === 0 ? { ...pod, endsAt: 3_500 } : pod,
    )
    expect(verdictOf('SCHED-08', placing(pods))).toMatchObject({ status: 'pass' })
    const again = { name: 'a9', node: 'worker1', spec: spread(zone), at: 12_000 }
    expect(verdictOf('SCHED-08', placing([...pods, again])).status).toBe('pass')
    expect(verdictOf('SCHED-08', placing([...pods, again, { ...again, name: 'a8', at: 14_000 }])).status).toBe('fail')
  })

  test('is not exercised by constraints that may be ignored', () => {
    expect(verdict(['worker1', 'worker3'], spread(zone, { whenUnsatisfiable: 'ScheduleAnyway' })).code).toBe(
      'STIMULUS_ABSENT',
    )
  })

  test('is inconclusive where no source watched the Nodes', () => {
    const journal = placing(onNodes(['worker1'], spread(zone)), (builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(2_500, { kind: 'gap', source, resource: 'nodes', until: start + 3_010, reason: 'cut' })
      }
    })
    expect(verdictOf('SCHED-08', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
