import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { Script } from '../../judge/testing/script.ts'

/** worker3 runs a container of a pod at 80 s. */
function running(pod: string, more: (script: Script) => void = () => undefined) {
  return drainNode((script) => {
    more(script)
    const container = { id: 'x', namespace: script.namespace, pod, name: 'c', pid: 9, startedAt: '1' }
    script.add(80_000, { kind: 'containers', machine: 'worker3', containers: [container] })
  })
}

/** A pod of a Node that is deleted by force, with its grace period. */
const deleted =
  (node: string, at: number, terminationGracePeriodSeconds = 30) =>
  (script: Script): void => {
    const pod = { spec: { nodeName: node, terminationGracePeriodSeconds }, status: {} }
    script.object(2_000, 'pods', script.namespace, 'x', pod, 'added')
    script.object(at, 'pods', script.namespace, 'x', pod, 'deleted')
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
    const paused = (script: Script): void => {
      deleted('worker3', 40_000)(script)
      script.fault('f9', 'pause', { machines: ['worker3'], component: 'kubelet' }, 39_000, 70_000)
    }
    expect(verdictOf('KLET-01', running('x', paused)).status).toBe('pass')
  })

  test('leaves out listings that no watch can be compared with, and is inconclusive without another one', () => {
    const blind = (script: Script): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        script.add(60_000, { kind: 'gap', source, resource: 'pods', reason: 'cut', until: start + 90_000 })
      }
    }
    expect(verdictOf('KLET-01', running('x', blind)).status).toBe('pass')
    const alone = edited(running('x', blind), 'containers', (one) => (one.at === start + 80_000 ? one : undefined))
    expect(verdictOf('KLET-01', alone)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
