import { expect, test } from 'vitest'
import { kubeProxyRules } from '../judge/testing/proxy-sample.ts'
import { start } from '../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../judge/testing/verdict.ts'
import type { JournalRecord } from '../record/records.ts'

/**
 * The Service `sink` has no endpoint from 18 to 20 s. The next flow of its sender is recorded this long after the first
 * one ended.
 */
function heldFor(ms: number, kubernetes: string): JournalRecord[] {
  const held = kubeProxyRules().flatMap((record) =>
    record.kind === 'flows' && record.at === start + 21_200
      ? [
          record,
          { ...record, at: start + 18_000 + ms, flows: [{ to: '10.96.1.7:81', answeredBy: '10.244.9.40:8081' }] },
          { ...record, at: start + 18_500 + ms },
        ]
      : [record],
  )
  return edited(held, 'cluster', (record) => ({ ...record, distribution: 'k3s', versions: { kubernetes } }))
}

test('KUBE-UDP-NO-ENDPOINT is known until rules follow the next endpoint, and late after that or where it is fixed', () => {
  expect(verdictOf('PROXY-11', heldFor(6_900, 'v1.36.3'))).toMatchObject({
    status: 'known',
    bound: {
      limit: 7_000,
      source: expect.stringMatching(/^2 s for which a Service of such a sender had no endpoint \+ /),
    },
    values: { deviation: 'KUBE-UDP-NO-ENDPOINT' },
  })
  expect(verdictOf('PROXY-11', heldFor(7_100, 'v1.36.3'))).toMatchObject({ status: 'late', bound: { limit: 5_000 } })
  expect(verdictOf('PROXY-11', heldFor(6_900, 'v1.37.2')).status).toBe('late')
})
