import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-story.ts'
import { packets, rulesChanged, to } from '../../judge/testing/changed-proxy-story.ts'
import { addressOf, start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { proxyRules } from './proxy-rules.ts'

test.each(proxyRules.map(({ id }) => id))('%s is kept within a bound that says where it comes from', (id) => {
  const { status, bound, measured, reason } = verdictOf(id, kubeProxyRules())
  expect(status, reason).toBe('pass')
  expect(bound?.source).toMatch(/\/configz of kube-proxy|documentation allows no exception/)
  expect(measured).toBeLessThanOrEqual(bound?.limit ?? -1)
})

test('PROXY-03 is broken by rules that change, and by a connection that fails, while kube-proxy is dead', () => {
  const emptied = kubeProxyRules((story) => story.look(26_800, ['worker1'], () => '*nat\nCOMMIT\n'))
  expect(verdictOf('PROXY-03', emptied)).toMatchObject({
    status: 'fail',
    reason: 'The rules of worker1 changed while its kube-proxy was down.',
  })
  const cut = edited(kubeProxyRules(), 'attempt', (record) =>
    record.from === 'worker1' && record.at === start + 24_100
      ? { ...record, ok: false, backend: undefined, error: 'refused' }
      : record,
  )
  expect(verdictOf('PROXY-03', cut)).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('failed (refused)'),
  })
})

test('PROXY-03 is undecided where no new Service was tried', () => {
  const untried = edited(kubeProxyRules(), 'reach', (record) => (to('late')(record) ? undefined : record))
  expect(verdictOf('PROXY-03', untried).status).toBe('inconclusive')
})

test('PROXY-04 is broken by a connection that fails while kube-proxy comes back, and by rules that stay old', () => {
  const cut = edited(kubeProxyRules(), 'attempt', (record) =>
    record.from === 'worker1' &&
    record.service.endsWith('/web') &&
    record.at > start + 28_000 &&
    record.at < start + 28_300
      ? { ...record, ok: false, backend: undefined, error: 'refused' }
      : record,
  )
  expect(verdictOf('PROXY-04', cut)).toMatchObject({ status: 'fail', reason: expect.stringContaining('2 connections') })
  const old = edited(kubeProxyRules(), 'rules', (record) =>
    record.machine === 'worker1' && record.at > start + 28_000 ? undefined : record,
  )
  const undisturbed = edited(old, 'fault', (record) => (record.fault === 'flush-proxy' ? undefined : record))
  expect(verdictOf('PROXY-04', undisturbed)).toMatchObject({ status: 'fail', observed: 'rules stay old' })
  // Where the next fault comes soon, rules that nobody looked at in between tell nothing.
  expect(verdictOf('PROXY-04', old).status).toBe('inconclusive')
})

test('PROXY-04 does not answer for what the next fault does', () => {
  const flushed = edited(kubeProxyRules(), 'attempt', (record) =>
    record.from === 'worker1' && record.at > start + 33_000 && record.at < start + 50_000
      ? { ...record, ok: false, backend: undefined, error: 'no connection in time' }
      : record,
  )
  expect(verdictOf('PROXY-04', flushed).status).toBe('pass')
})

test('PROXY-06 is broken by a client that moves without need, and by rules that forget too soon', () => {
  const moved = edited(kubeProxyRules(), 'attempt', (record) =>
    record.service.endsWith('/sticky') && record.from === 'worker2' && record.at === start + 18_100
      ? { ...record, backend: 'web-1' }
      : record,
  )
  expect(verdictOf('PROXY-06', moved)).toMatchObject({
    status: 'fail',
    reason: 'A client on worker2 was sent to web-1 200 ms after web-2, which was ready all the time.',
  })
  const short = rulesChanged('worker2', (text) => text.replaceAll('--seconds 10 ', '--seconds 5 '))
  expect(verdictOf('PROXY-06', short)).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('is bound to 10.244.9.1:8080 for 5 s instead of for 10 s'),
  })
})

test('PROXY-06 is broken by clients that stay bound for ever, and undecided where too few came back late', () => {
  const bound = packets(to('forgetful'), { backend: 'web-1' })
  expect(verdictOf('PROXY-06', bound)).toMatchObject({
    status: 'fail',
    reason:
      'Every client of hf-kube-proxy-rules/forgetful that came back after its time-out was sent to the endpoint of before, which is no chance.',
  })
  const few = edited(kubeProxyRules(), 'reach', (one) =>
    to('forgetful')(one) && one.from !== 'worker1' ? undefined : one,
  )
  expect(verdictOf('PROXY-06', few).status).toBe('inconclusive')
})

test('PROXY-06 lets a client in a pod move when the rules of its machine were taken away', () => {
  const story = (node: string): JournalRecord[] =>
    kubeProxyRules(({ script }) => {
      script.object(300, 'pods', script.namespace, 'client', { metadata: {}, spec: { nodeName: node } }, 'added')
      for (const [t, backend] of [
        [59_000, 'web-1'],
        [61_000, 'web-2'],
      ] as const) {
        script.probes(t, t + 200, () => backend, ['pod:client'], 'sticky')
      }
    })
  expect(verdictOf('PROXY-06', story('worker1')).status).toBe('pass')
  expect(verdictOf('PROXY-06', story('worker2')).status).toBe('fail')
})

const onNode = (record: RecordOf<'reach'>): boolean => to('outside')(record) && record.through === 'worker2'

test('PROXY-07 is broken by a changed sender, an answer from elsewhere, and an answer where there is no endpoint', () => {
  expect(verdictOf('PROXY-07', packets(onNode, { client: addressOf('worker2') }))).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining(`was seen to come from ${addressOf('worker2')} instead of ${addressOf('worker1')}`),
  })
  const other = (record: RecordOf<'reach'>): boolean => to('outside')(record) && record.through === 'worker3'
  expect(verdictOf('PROXY-07', packets(other, { outcome: 'answered', backend: 'edge-1' }))).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('was answered instead of dropped'),
  })
  expect(verdictOf('PROXY-07', packets(other, { outcome: 'refused' })).status).toBe('fail')
})

test('PROXY-07 is broken by a health check that says otherwise, and undecided where only one sort was asked', () => {
  const wrong = edited(kubeProxyRules(), 'health', (one) => (one.machine === 'worker3' ? { ...one, status: 200 } : one))
  expect(verdictOf('PROXY-07', wrong)).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(
      /whether worker3 has an endpoint of .*\/balanced, its kube-proxy answered 200 instead of 503/,
    ),
  })
  const silent = edited(kubeProxyRules(), 'health', (one) => (one.machine === 'worker2' ? { ...one, status: 0 } : one))
  expect(verdictOf('PROXY-07', silent).reason).toContain('answered nothing instead of 200')
  const some = edited(kubeProxyRules(), 'health', (one) => (one.machine === 'worker2' ? undefined : one))
  expect(verdictOf('PROXY-07', some).reason).toBe('No Node with an endpoint was asked for its health check.')
})

test('PROXY-08 is broken by the last endpoint being cut off while it still serves', () => {
  const late = (record: RecordOf<'reach'>): boolean => record.at === start + 15_500
  expect(verdictOf('PROXY-08', packets(late, { outcome: 'silent' }))).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('was silent, and edge-1 should answer'),
  })
  const none = edited(kubeProxyRules(), 'reach', (record) => (late(record) ? undefined : record))
  expect(verdictOf('PROXY-08', none).status).toBe('inconclusive')
})

test('PROXY-09 is broken by an answer from another Node', () => {
  const away = (record: RecordOf<'reach'>): boolean => to('inside')(record) && record.from === 'worker3'
  expect(verdictOf('PROXY-09', packets(away, { outcome: 'answered', backend: 'edge-1' }))).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('was answered instead of dropped'),
  })
})

test('PROXY-10 is broken by an answer of an endpoint that is not ready, and by silence of one that is published', () => {
  expect(verdictOf('PROXY-10', packets(to('hidden'), { outcome: 'answered', backend: 'unready-1' }))).toMatchObject({
    status: 'fail',
    reason: expect.stringContaining('was answered instead of refused'),
  })
  expect(verdictOf('PROXY-10', packets(to('published'), { outcome: 'refused' })).status).toBe('fail')
})

test('PROXY-10 is broken by a name that tells what is not ready, and by rules for a headless Service', () => {
  const told = edited(kubeProxyRules(), 'name', (one) =>
    one.service.endsWith('/headless-hidden') ? { ...one, addresses: ['10.244.9.30'] } : one,
  )
  expect(verdictOf('PROXY-10', told)).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(/DNS told 10\.244\.9\.30 for .*\/headless-hidden, which never was a ready endpoint/),
  })
  const ruled = rulesChanged(
    'worker3',
    (text) => `${text}-A KUBE-SERVICES -m comment --comment "hf-kube-proxy-rules/headless:tcp"\n`,
  )
  expect(verdictOf('PROXY-10', ruled).reason).toContain('There are rules for the headless Service')
  const unasked = edited(kubeProxyRules(), 'name', () => undefined)
  expect(verdictOf('PROXY-10', unasked).status).toBe('inconclusive')
})

test('PROXY-11 is late where datagrams go on to an endpoint that has gone', () => {
  const held = edited(kubeProxyRules(), 'flows', (record) =>
    record.at === start + 21_200
      ? { ...record, at: start + 24_000, flows: [{ to: '10.96.1.7:81', answeredBy: '10.244.9.40:8081' }] }
      : record,
  )
  const both = held.flatMap((record) =>
    record.kind === 'flows' && record.at === start + 24_000
      ? [{ ...record, at: start + 21_200, flows: [{ to: '10.96.1.7:81', answeredBy: '10.244.9.41:8081' }] }, record]
      : [record],
  )
  expect(verdictOf('PROXY-11', both)).toMatchObject({
    status: 'late',
    measured: 6_000,
    reason: 'worker2 sent datagrams for 10.96.1.7:81 to 10.244.9.40:8081 6 s after that had gone.',
  })
  const unused = edited(kubeProxyRules(), 'flows', (record) => ({ ...record, flows: [] }))
  expect(verdictOf('PROXY-11', unused).status).toBe('inconclusive')
})
