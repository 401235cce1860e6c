import { expect, test } from 'vitest'
import { partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

/** All three members are killed for 20 s. `via` confirms its next write 9.7 s after their return. */
function slowAfterWholeOutage(via: string): JournalRecord[] {
  const journal = partitionEtcd((builder) => {
    builder.fault('f4', 'kill', { machines: ['etcd2'], component: 'etcd' }, 40_000, 60_000)
  })
  return edited(journal, 'write', (record) =>
    record.via === via && record.at > start + 40_000 && record.at < start + 69_400
      ? { ...record, outcome: 'unknown' }
      : record,
  )
}

test('an API server may pause between attempts to connect after an outage of every member', () => {
  expect(verdictOf('ETCD-04', slowAfterWholeOutage('apiserver@control-plane1'))).toMatchObject({
    status: 'pass',
    values: { via: 'apiserver@control-plane1', slowestMs: 9_655 },
    bound: { limit: 21_583 },
  })
})

test('a member may not', () => {
  expect(verdictOf('ETCD-04', slowAfterWholeOutage('etcd3'))).toMatchObject({
    status: 'late',
    values: { via: 'etcd3' },
    bound: { limit: 9_000 },
  })
})
