import { expect, test } from 'vitest'
import { contracts } from './catalogue.ts'
import { judgeJournal } from './judge-journal.ts'
import * as stories from '../judge/testing/stories.ts'
import { withWitness } from '../judge/testing/witness.ts'

test('every contract has an id of its own, a promise, and a page of the documentation', () => {
  expect(new Set(contracts.map(({ id }) => id)).size).toBe(contracts.length)
  expect(contracts.map(({ id }) => id)).toEqual(
    'FLOW-01 FLOW-02 FLOW-03 FLOW-04 FLOW-05 API-08 API-16 API-17 API-02 API-03 API-04 API-06 API-05 API-07 API-12 ETCD-02 ETCD-03 ETCD-04 ETCD-01 ETCD-05 ETCD-07 ETCD-11 SCHED-01 SCHED-02 SCHED-03 SCHED-05 SCHED-14 CM-01 CM-04 CM-07 WL-08 WL-09 WL-10 NODE-01 NODE-02 NODE-03 NODE-09 KLET-01 KLET-07 KLET-04 KLET-06 KLET-09 NET-05 PROXY-02 PROXY-01 PROXY-03 PROXY-04 PROXY-05 PROXY-06 PROXY-07 PROXY-08 PROXY-09 PROXY-10 PROXY-11 SYS-03 SYS-01 SYS-02 CP-01 API-15 ETCD-12 PROXY-13'.split(
      ' ',
    ),
  )
  for (const { promise, reference, needs } of contracts) {
    expect(promise).toMatch(/^(?:[A-Z]|etcd |kube-proxy |kubectl ).*\.$/)
    expect(reference).toMatch(/^https:\/\/(kubernetes\.io\/docs|etcd\.io\/docs\/v3\.7)\//)
    expect(needs).toMatch(/^(?!.*\.$)\S.*/)
  }
})

test.each(Object.entries(stories))('a sound %s passes every contract that it exercises', (_, story) => {
  const verdicts = judgeJournal(withWitness(story())).filter(({ status }) => status !== 'not-exercised')
  expect(verdicts.filter(({ status }) => status !== 'pass')).toEqual([])
  for (const { margin } of verdicts) if (margin !== undefined) expect(margin).toBeGreaterThanOrEqual(0)
})
