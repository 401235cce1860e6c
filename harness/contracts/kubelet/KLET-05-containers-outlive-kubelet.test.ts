import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { silentNodes } from '../../judge/testing/silent-sample.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/* The kubelet of worker3 is dead from 100 s to 178 s; its runtime is listed at 99 s and 160 s. */

describe('KLET-05', () => {
  test('passes where the same containers run without a kubelet', () => {
    expect(verdictOf('KLET-05', silentNodes())).toMatchObject({
      status: 'pass',
      code: 'CONTAINERS_KEPT',
      values: { machine: 'worker3', containers: 1, afterMs: 60_000 },
    })
  })

  test.each([
    ['ended', []],
    [
      'was started again',
      [{ id: 'id-identity', namespace: 'hf-silent-node', pod: 'identity', name: 'c', pid: 10, startedAt: 'new' }],
    ],
  ])('fails for a container that %s', (_, containers) => {
    const journal = edited(silentNodes(), 'containers', (record) =>
      record.at === start + 160_000 ? { ...record, containers } : record,
    )
    expect(verdictOf('KLET-05', journal)).toMatchObject({
      status: 'fail',
      code: 'CONTAINER_ENDED',
      values: { machine: 'worker3', containers: ['c of hf-silent-node/identity'] },
    })
  })

  test('is not exercised without a listing, nor after another fault of the machine', () => {
    const without = edited(silentNodes(), 'containers', (record) => (record.machine === 'worker3' ? undefined : record))
    expect(verdictOf('KLET-05', without).code).toBe('STIMULUS_ABSENT')
    const frozen = silentNodes((builder) =>
      builder.fault('f9', 'freeze-machine', { machines: ['worker3'] }, 150_000, 155_000),
    )
    expect(verdictOf('KLET-05', frozen).code).toBe('STIMULUS_ABSENT')
  })

  test('is invalid where the fault is not proven', () => {
    const unproven = edited(silentNodes(), 'fault', (record) =>
      record.id === 'f2' && record.edge === 'injected' ? { ...record, evidence: [] } : record,
    )
    expect(verdictOf('KLET-05', unproven).status).toBe('invalid')
  })

  test('is inconclusive where pods were not watched at the start', () => {
    const blind = silentNodes((builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(99_500, { kind: 'gap', source, resource: 'pods', reason: 'cut', until: start + 100_500 })
      }
    })
    expect(verdictOf('KLET-05', blind)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
