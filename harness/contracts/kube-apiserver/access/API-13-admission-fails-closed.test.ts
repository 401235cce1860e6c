import { describe, expect, test } from 'vitest'
import { start } from '../../../judge/testing/cluster-facts.ts'
import { workedExample } from '../../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../../record/records.ts'

interface Use {
  readonly code?: number
  readonly tookMs?: number
  /** The answer to a write that the webhook does not match; undefined: no such write. */
  readonly other?: number | undefined
  readonly webhook?: object
  /** The webhook's Service has a ready pod. */
  readonly served?: boolean
  readonly at?: number
}

/** A webhook for ServiceAccounts is registered at 8 s and deleted at 15 s; a ServiceAccount is created at 10 s. */
function used({ code = 500, tookMs = 2_000, webhook = {}, served = false, at = 10_000, ...use }: Use): JournalRecord[] {
  return workedExample((builder) => {
    const { namespace } = builder
    const resource = 'validatingwebhookconfigurations'
    const one = {
      name: 'absent.test',
      timeoutSeconds: 2,
      clientConfig: { service: { namespace, name: served ? 'hello' : 'absent' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      rules: [{ operations: ['CREATE'], resources: ['serviceaccounts'] }],
      ...webhook,
    }
    builder.object(8_000, resource, '', 'absent', { metadata: {}, webhooks: [one] }, 'added')
    builder.request(at, { resource: 'serviceaccounts', name: 'a', code, endedAt: start + at + tookMs })
    const other = 'other' in use ? use.other : 201
    if (other !== undefined) builder.request(10_500, { resource: 'configmaps', name: 'b', code: other })
    builder.request(15_000, { resource, verb: 'delete', namespace: '', name: 'absent', code: 200 })
  })
}

describe('API-13', () => {
  test('passes where the matching write is refused within the timeout and another one is granted', () => {
    expect(verdictOf('API-13', used({}))).toMatchObject({
      status: 'pass',
      values: { refused: 1, others: 1, afterMs: 2_000 },
    })
  })

  test.each([
    ['grants the matching write', { code: 201 }, 'fail', 'ADMITTED_UNVALIDATED'],
    ['refuses other writes', { other: 500 }, 'fail', 'OTHERS_REFUSED'],
    ['refuses long after the timeout', { tookMs: 4_000 }, 'late', 'REFUSED_LATE'],
    ['is followed by no other write', { other: undefined }, 'inconclusive', 'NO_OTHER_WRITE'],
  ] as const)('does not pass for an API server that %s', (_, use, status, code) => {
    expect(verdictOf('API-13', used(use))).toMatchObject({ status, code })
  })

  test.each([
    ['ignores failures', { webhook: { failurePolicy: 'Ignore' } }],
    ['has a backend', { served: true }],
    ['selects objects by labels', { webhook: { objectSelector: { matchLabels: { a: 'b' } } } }],
    ['was registered a moment before', { at: 8_200, code: 201 }],
    ['was deleted before', { at: 16_000, code: 201 }],
  ])('is not exercised by a webhook that %s', (_, use) => {
    expect(verdictOf('API-13', used({ code: 201, ...use })).code).toBe('STIMULUS_ABSENT')
  })
})
