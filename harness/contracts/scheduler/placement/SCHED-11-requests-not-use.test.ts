import { describe, expect, test } from 'vitest'
import { nodeObject, start } from '../../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import { labelsOf, placing, type Placing } from './testing/placing.ts'

const containers = (cpu: string): object => ({ containers: [{ resources: { requests: { cpu, memory: '0' } } }] })
const full: Placing = { name: 'full', node: 'worker3', at: 2_000, spec: containers('3') }

interface Choice {
  readonly node: string
  readonly spec?: object
  readonly more?: readonly Placing[]
  readonly hogUntil?: number
  /** Whether no source watches the pods as it is placed. */
  readonly gap?: boolean
}

/** worker2 is busy, most of worker3 is requested, and a pod that requests nothing is placed at 5 s. */
function verdict({ node, spec = {}, more = [full], hogUntil = 15_000, gap = false }: Choice) {
  const selector = { nodeSelector: { pool: 'p' }, ...containers('0'), ...spec }
  const pods = [...more, { name: 'light', node, spec: selector }]
  const journal = placing(pods, (builder) => {
    for (const worker of ['worker2', 'worker3']) {
      const status = {
        ...(nodeObject('True')['status'] as object),
        allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      }
      const metadata = { labels: { ...labelsOf(worker), pool: 'p' } }
      builder.object(300, 'nodes', '', worker, { metadata, spec: {}, status })
    }
    builder.fault('f1', 'hog-cpu', { machines: ['worker2'] }, 3_000, hogUntil)
    for (const source of gap ? ['control-plane1', 'control-plane2'] : []) {
      builder.add(4_500, { kind: 'gap', source, resource: 'pods', until: start + 5_010, reason: 'cut' })
    }
  })
  return verdictOf('SCHED-11', journal)
}

describe('SCHED-11', () => {
  test('passes for a pod on the busy Node, where fewer processors are requested', () => {
    expect(verdict({ node: 'worker2' })).toMatchObject({
      status: 'pass',
      code: 'PLACED_BY_REQUESTS',
      values: { pods: 1, nodes: ['worker2'] },
    })
  })

  test('fails for a pod that goes where the processors are idle and requested', () => {
    expect(verdict({ node: 'worker3' })).toMatchObject({
      status: 'fail',
      code: 'BUSY_NODE_AVOIDED',
      values: { pod: 'hf-worked-example/light', node: 'worker3', busy: 'worker2', requestedThere: 75 },
    })
  })

  const exempt: readonly [what: string, choice: Choice][] = [
    ['without a difference of requests', { node: 'worker3', more: [] }],
    ['after the load ended', { node: 'worker3', hogUntil: 4_000 }],
    [
      'with a preference',
      {
        node: 'worker3',
        spec: { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } } },
      },
    ],
    [
      'that may use no other Node',
      { node: 'worker3', spec: { nodeSelector: { 'kubernetes.io/hostname': 'worker3' } } },
    ],
  ]
  test.each(exempt)('does not judge a pod %s', (_, choice) => {
    expect(verdict(choice).code).toBe('STIMULUS_ABSENT')
  })

  test('is inconclusive where no source watched the pods', () => {
    expect(verdict({ node: 'worker2', gap: true })).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
