import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

/** The pods of worker2 are lost at 97.25 s; the budget's status follows at 97.6 s. */
function status(change: { readonly at?: number; readonly status?: object } | undefined): JournalRecord[] {
  return edited(drainNode(), 'watch', (record) => {
    if (record.resource !== 'poddisruptionbudgets' || record.event === 'added') return record
    const { at = record.at - start, status: more = {} } = change ?? {}
    const own = { ...(record.object['status'] as object), ...more }
    return change && { ...record, at: start + at, object: { ...record.object, status: own } }
  })
}

describe('WL-09', () => {
  test('passes where the status of the budget counts the lost pods', () => {
    expect(verdictOf('WL-09', drainNode())).toMatchObject({
      status: 'pass',
      code: 'LOSSES_COUNTED',
      values: { budget: 'hf-drain-node/web', afterMs: 350 },
    })
  })

  test.each([
    ['does not follow', undefined],
    ['counts the lost pods as healthy', { status: { currentHealthy: 6 } }],
    ['allows a disruption in spite of the loss', { status: { disruptionsAllowed: 1 } }],
  ] as const)('fails where the status %s', (_, change) => {
    expect(verdictOf('WL-09', status(change))).toMatchObject({
      status: 'fail',
      code: 'LOSS_NOT_COUNTED',
      values: { afterMs: 22_750 },
    })
  })

  test('is late where the status follows after the bound', () => {
    expect(verdictOf('WL-09', status({ at: 110_000 }))).toMatchObject({
      status: 'late',
      code: 'LOSS_COUNTED_LATE',
      values: { afterMs: 12_750 },
    })
  })

  test('is inconclusive for a budget whose status was never reported', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      record.resource === 'poddisruptionbudgets' ? { ...record, object: { ...record.object, status: {} } } : record,
    )
    expect(verdictOf('WL-09', journal)).toMatchObject({ status: 'inconclusive', code: 'NO_STATUS' })
  })

  test('is not exercised without a budget', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      record.resource === 'poddisruptionbudgets' ? undefined : record,
    )
    expect(verdictOf('WL-09', journal).code).toBe('STIMULUS_ABSENT')
  })
})
