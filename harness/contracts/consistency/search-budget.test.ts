import { describe, expect, test } from 'vitest'
import { defaultBudget } from '../../judge/history/search/search.ts'
import { hardJournal } from '../../judge/history/testing/hard-journal.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

test('an exhausted budget does not hide a late read', () => {
  const journal = hardJournal('apiserver', 26)
  const read = journal.find(
    (one) => one.kind === 'operation' && one.store === 'apiserver' && one.operation === 'get' && one.outcome === 'ok',
  )
  const late = edited(journal, 'operation', (one) => (one === read ? { ...one, endedAt: one.at + 70_000 } : one))
  expect(verdictOf('API-03', late)).toMatchObject({ status: 'late', bound: { limit: 63_000 } })
})

describe.each([
  ['API-03', 'apiserver'],
  ['ETCD-01', 'etcd'],
] as const)('%s', (id, store) => {
  test('an exhausted budget is inconclusive, with the explored configurations and the budget', () => {
    expect(verdictOf(id, hardJournal(store, 26))).toMatchObject({
      status: 'inconclusive',
      measured: defaultBudget,
      bound: { limit: defaultBudget, unit: 'count' },
    })
  })

  test('a search within its budget fails a history that no order explains', () => {
    const verdict = verdictOf(id, hardJournal(store, 8))
    expect(verdict).toMatchObject({ status: 'fail', bound: { limit: 0 } })
  })

  test('an exhausted budget does not hide the violation of another rule', () => {
    const journal = edited(hardJournal(store, 26), 'listing', (one) =>
      one.store === store && one.how === 'consistent' && one.client !== 'watcher' ? { ...one, parts: [1] } : one,
    )
    expect(verdictOf(id, journal)).toMatchObject({ status: 'fail', bound: { limit: 0 } })
  })
})
