import { describe, expect, test } from 'vitest'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { newSet, oldSet, rollout, type WorkloadJournal } from './testing/rollout-journal.ts'

const kcm = { machines: ['control-plane1', 'control-plane2'], component: 'kube-controller-manager' }
const surplus = (builder: WorkloadJournal): void => {
  builder.ownedPod(11_100, 'c1', newSet, 'pending')
}

describe('WL-01', () => {
  test('passes where available and total pods stay within the limits', () => {
    expect(verdictOf('WL-01', rollout())).toMatchObject({
      status: 'pass',
      code: 'WITHIN_LIMITS',
      values: { available: 3, least: 3, pods: 5, most: 5, terminating: 2, rollouts: 1 },
    })
  })

  test('fails where the controller removes one available pod too many', () => {
    const journal = rollout((builder) => {
      builder.deletes(11_500, 'a4').ownedPod(11_505, 'a4', oldSet, 'terminating')
    })
    expect(verdictOf('WL-01', journal)).toMatchObject({
      status: 'fail',
      code: 'TOO_FEW_AVAILABLE',
      values: { pods: 2, limit: 3, removed: 'a4' },
    })
  })

  test('ignores a pod that another client deletes, and one that stops being Ready', () => {
    const journal = rollout((builder) => {
      builder.deletes(11_500, 'a4', 'test-user').ownedPod(11_505, 'a4', oldSet, 'terminating')
      builder.ownedPod(11_550, 'a5', oldSet, 'pending').ownedPod(11_600, 'a3', oldSet, 'unready')
      builder.ownedPod(11_900, 'a3', oldSet, 'ready').ownedPod(11_950, 'a5', oldSet, 'ready')
    })
    expect(verdictOf('WL-01', journal)).toMatchObject({ status: 'pass', values: { available: 1 } })
  })

  test('is inconclusive where the audit log may hold the removal', () => {
    const journal = rollout((builder) => {
      builder.ownedPod(11_505, 'a4', oldSet, 'terminating')
      const until = start + 12_000
      builder.add(11_000, { kind: 'gap', source: 'control-plane1', resource: 'audit', until, reason: 'a restart' })
    })
    const unaudited = edited(journal, 'audit', (record) => (record.name === 'a4' ? undefined : record))
    expect(verdictOf('WL-01', unaudited)).toMatchObject({ status: 'inconclusive', code: 'NOT_AUDITED' })
  })

  test('fails where a surplus pod stays', () => {
    expect(
      verdictOf(
        'WL-01',
        rollout((builder) => surplus(builder)),
      ),
    ).toMatchObject({
      status: 'fail',
      code: 'TOO_MANY_PODS',
      values: { pods: 6, limit: 5 },
    })
  })

  test('excuses a surplus pod while no controller manager runs', () => {
    const journal = rollout((builder) => {
      surplus(builder)
      builder.fault('f1', 'kill', kcm, 11_050, 16_000)
    })
    expect(verdictOf('WL-01', journal)).toMatchObject({ status: 'pass', values: { pods: 6 } })
  })

  test('is inconclusive where no source watched the pods', () => {
    const journal = rollout((builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(12_000, { kind: 'gap', source, resource: 'pods', until: start + 14_000, reason: 'cut' })
      }
    })
    expect(verdictOf('WL-01', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })

  test('is not exercised without a new template', () => {
    const journal = edited(rollout(), 'watch', (record) =>
      record.resource === 'deployments' && record.at >= start + 10_000 ? undefined : record,
    )
    expect(verdictOf('WL-01', journal).code).toBe('STIMULUS_ABSENT')
  })
})
