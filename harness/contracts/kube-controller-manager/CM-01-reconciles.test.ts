import { describe, expect, test } from 'vitest'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { drainNode, killScheduler } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

/** web-1 is deleted at 70 s and not replaced, unless `before` replaces it. The recording ends at 90 s. */
function lost(before: (builder: JournalBuilder) => unknown = () => undefined): JournalRecord[] {
  return killScheduler((builder) => {
    builder.object(70_000, 'pods', builder.namespace, 'web-1', builder.podObject('web', { ending: true }))
    before(builder)
  })
}

const down = (builder: JournalBuilder, component: string, from: number, until: number | undefined): void => {
  for (const machine of ['control-plane1', 'control-plane2']) {
    builder.fault(`${component}-${machine}`, 'stop', { machines: [machine], component }, from, until)
  }
}

describe('CM-01', () => {
  test('counts every deviation of Deployments and ReplicaSets', () => {
    expect(verdictOf('CM-01', killScheduler())).toMatchObject({
      status: 'pass',
      code: 'RECONCILED',
      values: { kind: 'ReplicaSet', name: 'hf-kill-scheduler/web-5d', afterMs: 30, deviations: 6 },
    })
  })

  test('fails for pods that the controller did not request', () => {
    const journal = edited(killScheduler(), 'audit', (record) =>
      record.user.endsWith('replicaset-controller') && record.at > start + 40_000 ? { ...record, user: 'eve' } : record,
    )
    expect(verdictOf('CM-01', journal)).toMatchObject({
      status: 'fail',
      code: 'PODS_WITHOUT_REQUEST',
      values: { namespace: 'hf-kill-scheduler', pods: 10, requests: 8, others: ['eve'] },
    })
    const gap = { kind: 'gap', at: start + 50_000, until: start + 50_100, source: 'control-plane1' } as const
    const holed = journal.toSpliced(-1, 0, { ...gap, resource: 'audit', reason: 'cut' })
    expect(verdictOf('CM-01', holed)).toMatchObject({ status: 'inconclusive', code: 'NOT_AUDITED' })
  })

  test('fails for a lost pod that no controller replaces, without a declared fault', () => {
    expect(verdictOf('CM-01', lost())).toMatchObject({
      status: 'fail',
      code: 'NOT_RECONCILED',
      values: { kind: 'ReplicaSet', name: 'hf-kill-scheduler/web-5d', wanted: 10, actual: 9, afterMs: 20_000 },
    })
  })

  test('fails for the pods of a drained Node that are not replaced', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      ['web-7', 'web-8'].includes(record.name) ? undefined : record,
    )
    expect(verdictOf('CM-01', journal)).toMatchObject({
      status: 'fail',
      code: 'NOT_RECONCILED',
      values: { wanted: 6, actual: 4, afterMs: 109_790 },
    })
  })

  test('fails for a Deployment whose ReplicaSet is not scaled, and for one without a ReplicaSet', () => {
    expect(
      verdictOf(
        'CM-01',
        killScheduler((builder) => builder.deployment(70_000, 'web', 12)),
      ),
    ).toMatchObject({
      status: 'fail',
      code: 'NOT_RECONCILED',
      values: { kind: 'Deployment', name: 'hf-kill-scheduler/web', wanted: 12, actual: 10, afterMs: 20_000 },
    })
    const bare = killScheduler((builder) => builder.deployment(70_000, 'api', 3, 'added'))
    expect(verdictOf('CM-01', bare)).toMatchObject({ code: 'NOT_RECONCILED', values: { wanted: 3, actual: 0 } })
  })

  test('fails for surplus pods, in kube-system as well', () => {
    const journal = killScheduler((builder) => {
      const set = (replicas: number): object => ({ metadata: {}, spec: { replicas } })
      const owner = { kind: 'ReplicaSet', name: 'dns', uid: builder.uid('replicasets', 'kube-system', 'dns') }
      builder.object(5, 'replicasets', 'kube-system', 'dns', { ...set(1) }, 'listed')
      for (const name of ['dns-1', 'dns-2']) {
        builder.object(6, 'pods', 'kube-system', name, { metadata: { ownerReferences: [owner] } }, 'listed')
      }
    })
    expect(verdictOf('CM-01', journal)).toMatchObject({
      code: 'NOT_RECONCILED',
      values: { name: 'kube-system/dns', wanted: 1, actual: 2 },
    })
  })

  test('is late where a pod was replaced too late', () => {
    const journal = lost((builder) => builder.pod(78_000, 'web-x', 'worker1', 'control-plane1'))
    expect(verdictOf('CM-01', journal)).toMatchObject({
      status: 'late',
      code: 'RECONCILED_LATE',
      values: { wanted: 10, actual: 9, afterMs: 8_000 },
      bound: { limit: 5_000 },
    })
  })

  test('skips a deviation for which the recording is too short', () => {
    const journal = killScheduler((builder) => builder.deployment(88_000, 'web', 12))
    expect(verdictOf('CM-01', journal)).toMatchObject({ status: 'pass', values: { deviations: 6 } })
  })

  test('does not count the time in which declared faults kept the controllers from acting, and counts the rest', () => {
    const stopped = (until?: number) => lost((builder) => down(builder, 'kube-controller-manager', 69_000, until))
    expect(verdictOf('CM-01', stopped()).status).toBe('pass')
    const early = lost((builder) => down(builder, 'kube-controller-manager', 10_000, 20_000))
    expect(verdictOf('CM-01', early)).toMatchObject({
      status: 'fail',
      code: 'NOT_RECONCILED',
      values: { afterMs: 20_000 },
    })
    expect(
      verdictOf(
        'CM-01',
        lost((builder) => down(builder, 'kube-scheduler', 69_000, undefined)),
      ).code,
    ).toBe('NOT_RECONCILED')
  })

  test('accepts requests that the API refuses, and a namespace that is deleted', () => {
    const user = 'system:serviceaccount:kube-system:replicaset-controller'
    expect(
      verdictOf(
        'CM-01',
        lost((builder) => builder.request(70_050, { user, code: 403 })),
      ).status,
    ).toBe('pass')
    const deleted = lost((builder) =>
      builder.request(69_900, { verb: 'delete', resource: 'namespaces', name: builder.namespace, code: 200 }),
    )
    expect(verdictOf('CM-01', deleted).status).toBe('pass')
  })

  describe('during a rollout', () => {
    const user = 'system:serviceaccount:kube-system:replicaset-controller'

    /** From 70 s on the old ReplicaSet has `old` of 10 replicas and the new one `fresh`, each with its pods. */
    function rollout(old: number, fresh: number, strategy: object): JournalRecord[] {
      return killScheduler((builder) => {
        const { namespace } = builder
        const owner = { kind: 'Deployment', name: 'web', uid: builder.uid('deployments', namespace, 'web') }
        const spec = { replicas: 10, selector: { matchLabels: { app: 'web' } }, strategy }
        const set = { metadata: { ownerReferences: [owner] }, spec: { replicas: fresh } }
        builder.object(69_990, 'deployments', namespace, 'web', { spec }).replicaSet(70_000, 'web', old)
        builder.object(70_000, 'replicasets', namespace, 'web-new', set, 'added')
        for (let n = old + 1; n <= 10; n++) {
          builder.object(70_010, 'pods', namespace, `web-${n}`, builder.podObject('web', { ending: true }))
        }
        const ownerReferences = [
          { kind: 'ReplicaSet', name: 'web-new', uid: builder.uid('replicasets', namespace, 'web-new') },
        ]
        for (let n = 0; n < fresh; n++) {
          builder.request(70_005, { user })
          builder.object(70_010, 'pods', namespace, `new-${n}`, { metadata: { ownerReferences } }, 'added')
        }
      })
    }

    test.each([
      ['as many as allowed', 6, 2, {}, 'RECONCILED'],
      ['fewer than allowed', 5, 2, {}, 'NOT_RECONCILED'],
      ['as many more as allowed', 8, 5, {}, 'RECONCILED'],
      ['more than allowed', 8, 6, {}, 'NOT_RECONCILED'],
      ['fewer than a limit of its own allows', 6, 2, { rollingUpdate: { maxUnavailable: 1 } }, 'NOT_RECONCILED'],
      ['none while the old pods end', 0, 0, { type: 'Recreate' }, 'RECONCILED'],
    ] as const)('%s', (_, old, fresh, strategy, code) => {
      expect(verdictOf('CM-01', rollout(old, fresh, strategy))).toMatchObject({
        code,
        values: code === 'RECONCILED' ? {} : { kind: 'Deployment', wanted: 10, actual: old + fresh },
      })
    })
  })
})
