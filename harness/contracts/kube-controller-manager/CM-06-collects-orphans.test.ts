import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { silentNodes } from '../../judge/testing/silent-sample.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

/* The Node worker1 is deleted at 180 s, and its pod is collected at 240 s. The recording ends at 260 s. */

function changed(change: (record: RecordOf<'watch'>) => JournalRecord | undefined, until?: number): JournalRecord[] {
  return edited(silentNodes(undefined, until), 'watch', (record) =>
    record.name === 'orphan' && record.at > start + 200_000 ? change(record) : record,
  )
}

describe('CM-06', () => {
  test('passes for a pod that is marked as failed and removed', () => {
    expect(verdictOf('CM-06', silentNodes())).toMatchObject({
      status: 'pass',
      code: 'ORPHANS_COLLECTED',
      values: { pod: 'hf-silent-node/orphan', node: 'worker1', afterMs: 60_010, pods: 1 },
    })
  })

  test('fails for a pod that is not collected, and is late for one that is collected late', () => {
    expect(
      verdictOf(
        'CM-06',
        changed(() => undefined, 270_000),
      ),
    ).toMatchObject({ status: 'fail', code: 'NOT_COLLECTED' })
    expect(
      verdictOf(
        'CM-06',
        changed((record) => ({ ...record, at: record.at + 30_000 }), 280_000),
      ),
    ).toMatchObject({
      status: 'late',
      code: 'ORPHANS_COLLECTED_LATE',
      values: { afterMs: 90_010 },
    })
  })

  test('fails for a pod that is not marked, unless another client deletes it', () => {
    const unmarked = changed((record) => ({ ...record, object: { ...record.object, status: { phase: 'Running' } } }))
    expect(verdictOf('CM-06', unmarked)).toMatchObject({ status: 'fail', code: 'NOT_MARKED' })
    const request = silentNodes((builder) =>
      builder.request(239_000, { verb: 'delete', name: 'orphan', user: 'eve', code: 200 }),
    ).filter(({ kind }) => kind === 'audit')
    const byUser = [...unmarked.slice(0, -1), ...request, ...unmarked.slice(-1)]
    expect(verdictOf('CM-06', byUser).code).toBe('STIMULUS_ABSENT')
  })

  test('is not exercised where the Node returns, or the recording ends, before the pod is due', () => {
    expect(
      verdictOf(
        'CM-06',
        changed(() => undefined, 200_000),
      ).code,
    ).toBe('STIMULUS_ABSENT')
    expect(
      verdictOf(
        'CM-06',
        edited(silentNodes(), 'watch', (one) => (one.name === 'worker1' ? undefined : one)),
      ).code,
    ).toBe('STIMULUS_ABSENT')
  })

  test('allows faults of the controller manager their time', () => {
    const machines = ['control-plane1', 'control-plane2']
    const down = silentNodes((builder) => {
      builder.fault('f9', 'stop', { machines, component: 'kube-controller-manager' }, 181_000, 250_000)
    })
    const late = edited(down, 'watch', (record) =>
      record.name === 'orphan' && record.at > start + 200_000 ? undefined : record,
    )
    expect(verdictOf('CM-06', late).code).toBe('STIMULUS_ABSENT')
  })
})
