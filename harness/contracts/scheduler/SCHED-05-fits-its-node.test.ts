import { describe, expect, test } from 'vitest'
import { workedExample } from '../../judge/testing/sample-journals.ts'
import { nodeObject, start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

interface Placing {
  readonly node?: object
  readonly metadata?: object
  readonly spec?: object
  /** When worker3 becomes what it is; the pod is bound at 5 s. */
  readonly at?: number
  readonly fault?: boolean
}

/** A pod is bound to worker3 at 5 s. */
function placed({ node = {}, metadata = {}, spec = {}, at = 2_000, fault = false }: Placing) {
  return workedExample((builder) => {
    const pod = (more: object) => ({ spec: { ...spec, ...more }, status: { phase: 'Pending' } })
    const changed = { ...nodeObject('True'), metadata, spec: node }
    builder.object(at, 'nodes', '', 'worker3', changed)
    builder.object(4_900, 'pods', builder.namespace, 'new', pod({}), 'added')
    builder.binding(5_000, 'new', 'worker3', 'control-plane1')
    builder.object(5_010, 'pods', builder.namespace, 'new', pod({ nodeName: 'worker3' }))
    if (fault) builder.fault('f1', 'pause', { machines: ['control-plane1'], component: 'kube-apiserver' }, 1_900, 4_000)
  })
}

const taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' }
const tainted = { taints: [taint] }
const affinity = (operator: string, values: readonly string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'cores', operator, values }] }],
      },
    },
  },
})

describe('SCHED-05', () => {
  test('passes for a sound recording', () => {
    expect(verdictOf('SCHED-05', workedExample())).toMatchObject({ status: 'pass', values: { pods: 2 } })
  })

  const misfits: readonly [what: string, placing: Placing, reason: string][] = [
    ['a cordoned Node', { node: { unschedulable: true } }, 'is cordoned'],
    ['a taint', { node: tainted }, 'has the taint dedicated:NoSchedule, which the pod does not tolerate'],
    [
      'a taint with another value',
      { node: tainted, spec: { tolerations: [{ key: 'dedicated', value: 'web' }] } },
      'has the taint dedicated:NoSchedule, which the pod does not tolerate',
    ],
    ['a node selector', { spec: { nodeSelector: { disk: 'ssd' } } }, "has other labels than the pod's nodeSelector"],
    [
      'a node affinity',
      { metadata: { labels: { cores: '4' } }, spec: affinity('Gt', ['4']) },
      "does not match the pod's required node affinity",
    ],
  ]
  test.each(misfits)('fails for a pod that is placed in spite of %s', (_, placing, reason) => {
    expect(verdictOf('SCHED-05', placed(placing))).toMatchObject({
      status: 'fail',
      code: 'PLACED_ON_UNFIT_NODE',
      values: { pod: 'hf-worked-example/new', node: 'worker3', reason, forMs: 3_000 },
    })
  })

  const fits: readonly [what: string, placing: Placing][] = [
    ['tolerates the taint', { node: tainted, spec: { tolerations: [{ key: 'dedicated', value: 'db' }] } }],
    ['tolerates every taint', { node: tainted, spec: { tolerations: [{ operator: 'Exists' }] } }],
    ['may avoid the taint', { node: { taints: [{ ...taint, effect: 'PreferNoSchedule' }] } }],
    ['matches the selector', { metadata: { labels: { disk: 'ssd' } }, spec: { nodeSelector: { disk: 'ssd' } } }],
    ['matches the affinity', { metadata: { labels: { cores: '8' } }, spec: affinity('Gt', ['4']) }],
    ['was bound just after the change', { node: tainted, at: 4_500 }],
    ['was bound after a fault that kept the change from the scheduler', { node: tainted, fault: true }],
  ]
  test.each(fits)('passes for a pod that %s', (_, placing) => {
    expect(verdictOf('SCHED-05', placed(placing)).status).toBe('pass')
  })

  test('is inconclusive where no source watched Nodes, or no state of the Node is known', () => {
    const blind = placed({ node: tainted })
    for (const source of ['control-plane1', 'control-plane2']) {
      const gap = {
        kind: 'gap',
        source,
        resource: 'nodes',
        reason: 'cut',
        at: start + 3_000,
        until: start + 5_000,
      } as const
      blind.splice(-1, 0, gap)
    }
    expect(verdictOf('SCHED-05', blind)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
    const unknown = edited(workedExample(), 'watch', (one) => (one.name === 'worker2' ? undefined : one))
    expect(verdictOf('SCHED-05', unknown)).toMatchObject({ status: 'inconclusive', code: 'NODE_UNKNOWN' })
  })
})
