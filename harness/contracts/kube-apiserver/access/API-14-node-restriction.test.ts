import { describe, expect, test } from 'vitest'
import { start } from '../../../judge/testing/cluster-facts.ts'
import { workedExample } from '../../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../../record/records.ts'

interface Codes {
  readonly node?: number
  readonly pod?: number
  readonly own?: number | undefined
}

/** The kubelet of worker1 changes worker2, a pod of worker2, its own pod, and its own Node. */
function used({ node = 403, pod = 403, ...codes }: Codes): JournalRecord[] {
  const own = 'own' in codes ? codes.own : 200
  return workedExample((builder) => {
    const by = { user: 'system:node:worker1', verb: 'patch' }
    builder.request(9_000, { ...by, resource: 'nodes', namespace: '', name: 'worker2', code: node })
    builder.request(9_100, { ...by, subresource: 'status', name: 'hello-2', code: pod })
    builder.request(9_200, { ...by, subresource: 'status', name: 'hello-1', code: 200 })
    if (own) builder.request(9_300, { ...by, resource: 'nodes', namespace: '', name: 'worker1', code: own })
  })
}

describe('API-14', () => {
  test('passes where the changes of another Node and of its pod are refused', () => {
    expect(verdictOf('API-14', used({}))).toMatchObject({ status: 'pass', values: { refused: 2, own: 1 } })
  })

  test.each([
    ['of another Node', { node: 200 }, 'Node worker2'],
    ["of another Node's pod", { pod: 200 }, 'pod hf-worked-example/hello-2 of worker2'],
  ])('fails where a change %s is granted', (_, codes, object) => {
    const values = { node: 'worker1', object, verb: 'patch' }
    expect(verdictOf('API-14', used(codes))).toMatchObject({ status: 'fail', code: 'FOREIGN_CHANGE_GRANTED', values })
  })

  test('fails where a kubelet may not change its own Node', () => {
    expect(verdictOf('API-14', used({ own: 403 }))).toMatchObject({ status: 'fail', code: 'OWN_NODE_REFUSED' })
  })

  test('is inconclusive without a change of the own Node, and where a part of an audit log is missing', () => {
    expect(verdictOf('API-14', used({ own: undefined })).code).toBe('NO_OWN_CHANGE')
    const lost = used({})
    const time = { at: start + 3_000, until: start + 4_000 }
    lost.splice(-1, 0, { kind: 'gap', source: 'control-plane1', resource: 'audit', reason: 'lost', ...time })
    expect(verdictOf('API-14', lost)).toMatchObject({ status: 'inconclusive', code: 'NOT_AUDITED' })
  })

  test('is not exercised without a change of another Node, or with errors that do not depend on the credential', () => {
    expect(verdictOf('API-14', workedExample()).code).toBe('STIMULUS_ABSENT')
    expect(verdictOf('API-14', used({ node: 503, pod: 409 })).code).toBe('STIMULUS_ABSENT')
  })
})
