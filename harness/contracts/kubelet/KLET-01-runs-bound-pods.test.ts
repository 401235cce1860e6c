import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'

/** worker3 runs a container of a pod at 80 s. */
function running(pod: string, more: (builder: JournalBuilder) => void = () => undefined) {
  return drainNode((builder) => {
    more(builder)
    const container = { id: 'x', namespace: builder.namespace, pod, name: 'c', pid: 9, startedAt: '1' }
    builder.add(80_000, { kind: 'containers', machine: 'worker3', containers: [container] })
  })
}

/** A pod of a Node that is deleted by force, with its grace period. */
const deleted =
  (node: string, at: number, terminationGracePeriodSeconds = 30) =>
  (builder: JournalBuilder): void => {
    const pod = { spec: { nodeName: node, terminationGracePeriodSeconds }, status: {} }
    builder.object(2_000, 'pods', builder.namespace, 'x', pod, 'added')
    builder.object(at, 'pods', builder.namespace, 'x', pod, 'deleted')
  }

describe('KLET-01', () => {
  test('passes for Nodes that run the containers of their pods', () => {
    expect(verdictOf('KLET-01', drainNode())).toMatchObject({ status: 'pass', code: 'RUNS_BOUND_PODS' })
    expect(verdictOf('KLET-01', running('x', deleted('worker3', 50_000))).status).toBe('pass')
  })

  const foreign: readonly [what: string, journal: ReturnType<typeof running>, afterMs: number][] = [
    ['that the API does not have', running('x'), 80_000],
    ['of another Node', running('web-2'), 80_000],
    ['that was deleted longer ago than its grace period', running('x', deleted('worker3', 40_000)), 40_000],
    ['that was deleted longer ago than its short grace period', running('x', deleted('worker3', 70_000, 1)), 10_000],
  ]
  test.each(foreign)('fails for a container of a pod %s', (_, journal, afterMs) => {
    expect(verdictOf('KLET-01', journal)).toMatchObject({
      status: 'fail',
      code: 'RUNS_FOREIGN_POD',
      values: { machine: 'worker3', container: 'c', afterMs },
    })
  })

  test('allows a disturbed kubelet its time', () => {
    const paused = (builder: JournalBuilder): void => {
      deleted('worker3', 40_000)(builder)
      builder.fault('f9', 'pause', { machines: ['worker3'], component: 'kubelet' }, 39_000, 70_000)
    }
    expect(verdictOf('KLET-01', running('x', paused)).status).toBe('pass')
  })

  test('leaves out listings that no watch can be compared with, and is inconclusive without another one', () => {
    const blind = (builder: JournalBuilder): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(60_000, { kind: 'gap', source, resource: 'pods', reason: 'cut', until: start + 90_000 })
      }
    }
    expect(verdictOf('KLET-01', running('x', blind)).status).toBe('pass')
    const alone = edited(running('x', blind), 'containers', (one) => (one.at === start + 80_000 ? one : undefined))
    expect(verdictOf('KLET-01', alone)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
