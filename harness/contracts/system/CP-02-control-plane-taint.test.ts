import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { placing, type Placing } from '../scheduler/placement/testing/placing.ts'

const selecting = { nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } }
const tolerating = { ...selecting, tolerations: [{ operator: 'Exists' }] }
const on = (node: string | undefined, spec: object, name = 'p'): Placing => ({
  name,
  spec,
  ...(node === undefined ? {} : { node }),
})
const verdict = (...pods: readonly Placing[]) => verdictOf('CP-02', placing(pods))

describe('CP-02', () => {
  test('passes for a pod that tolerates the taint, and one that waits because it does not', () => {
    expect(verdict(on('control-plane1', tolerating), on(undefined, selecting, 'q'))).toMatchObject({
      status: 'pass',
      code: 'TAINTS_FOLLOWED',
      values: { pods: 4, admitted: 1, barred: 1 },
    })
  })

  test('fails for a pod that is placed in spite of the taint', () => {
    expect(verdict(on('control-plane1', selecting))).toMatchObject({
      status: 'fail',
      code: 'PLACED_IN_SPITE_OF_TAINT',
      values: { pod: 'hf-worked-example/p', node: 'control-plane1' },
    })
  })

  test('fails for a pod that tolerates the taint and is kept off', () => {
    expect(verdict(on(undefined, tolerating))).toMatchObject({
      status: 'fail',
      code: 'KEPT_OFF',
      values: { pod: 'hf-worked-example/p' },
    })
  })

  test('does not judge a waiting pod with a rule that may explain it, or with requests', () => {
    const requests = { containers: [{ resources: { requests: { cpu: '64' } } }] }
    expect(verdict(on(undefined, { ...tolerating, ...requests })).status).toBe('pass')
  })

  test('follows the live taints: without them a pod is placed on any Node', () => {
    const journal = edited(placing([on('control-plane1', {})]), 'watch', (one) =>
      one.resource === 'nodes' ? { ...one, object: { ...one.object, spec: {} } } : one,
    )
    expect(verdictOf('CP-02', journal)).toMatchObject({ status: 'pass', values: { admitted: 1 } })
    const waits = edited(placing([on(undefined, selecting)]), 'watch', (one) =>
      one.resource === 'nodes' ? { ...one, object: { ...one.object, spec: {} } } : one,
    )
    expect(verdictOf('CP-02', waits)).toMatchObject({ status: 'fail', code: 'KEPT_OFF' })
  })

  test('is inconclusive where no source watched the Nodes', () => {
    const journal = placing([on('control-plane1', tolerating)], (builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(4_500, { kind: 'gap', source, resource: 'nodes', until: start + 5_010, reason: 'cut' })
      }
    })
    expect(verdictOf('CP-02', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
