import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { type ProxySample, kubeProxyRules } from '../../judge/testing/proxy-sample.ts'
import { packets, rulesChanged, to } from '../../judge/testing/changed-proxy-sample.ts'
import { addressOf, start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { kubeProxy } from './index.ts'

// Without samples of connections PROXY-02 is not exercised.
const ids = kubeProxy.map(({ id }) => id).filter((id) => id !== 'PROXY-02')

test.each(ids)('%s passes within a bound that names its source', (id) => {
  const { status, bound, measured, reason } = verdictOf(id, kubeProxyRules())
  expect(status, reason).toBe('pass')
  expect(bound?.source).toMatch(/\/configz of kube-proxy|documentation allows no exception/)
  expect(measured).toBeLessThanOrEqual(bound?.limit ?? -1)
})

test('PROXY-03 fails for rules that change, and for a connection that fails, while kube-proxy is down', () => {
  const emptied = kubeProxyRules((sound) => sound.snapshot(26_800, ['worker1'], () => '*nat\nCOMMIT\n'))
  expect(verdictOf('PROXY-03', emptied)).toMatchObject({
    status: 'fail',
    code: 'RULES_CHANGED',
    values: { machine: 'worker1' },
  })
  const cut = edited(kubeProxyRules(), 'attempt', (record) =>
    record.from === 'worker1' && record.at === start + 24_100
      ? { ...record, ok: false, backend: undefined, error: 'refused' }
      : record,
  )
  expect(verdictOf('PROXY-03', cut)).toMatchObject({
    status: 'fail',
    code: 'CONNECTION_FAILED',
    values: { machine: 'worker1', error: 'refused' },
  })
})

test('PROXY-03 counts packets to a new Service, and is inconclusive where the Node reached it', () => {
  expect(verdictOf('PROXY-03', kubeProxyRules()).values).toMatchObject({ looks: 3, unreached: 1 })
  const untried = edited(kubeProxyRules(), 'reach', (record) => (to('late')(record) ? undefined : record))
  expect(verdictOf('PROXY-03', untried)).toMatchObject({ status: 'pass', values: { unreached: 0 } })
  const known = packets((record) => to('late')(record) && record.from === 'worker1', { outcome: 'answered' })
  expect(verdictOf('PROXY-03', known)).toMatchObject({ status: 'inconclusive', code: 'NEW_SERVICE_REACHED' })
})

test('PROXY-03 requires a kube-proxy that is down, and rules that are read meanwhile', () => {
  const lost = edited(kubeProxyRules(), 'fault', (record) =>
    record.fault === 'kill' ? { ...record, fault: 'kill-machine', target: { machines: ['worker1'] } } : record,
  )
  expect(verdictOf('PROXY-03', lost).code).toBe('STIMULUS_ABSENT')
  const unread = edited(kubeProxyRules(), 'rules', ({ at, ...record }) =>
    at > start + 22_000 && at < start + 28_000 ? undefined : { at, ...record },
  )
  expect(verdictOf('PROXY-03', unread).code).toBe('STIMULUS_ABSENT')
})

test('PROXY-03 does not blame the rules for a lost endpoint', () => {
  const cut = (more: (sound: ProxySample) => void): JournalRecord[] =>
    edited(kubeProxyRules(more), 'attempt', (record) =>
      record.from === 'worker1' && record.at === start + 24_100
        ? { ...record, ok: false, backend: undefined, error: 'no answer' }
        : record,
    )
  expect(
    verdictOf(
      'PROXY-03',
      cut(() => undefined),
    ),
  ).toMatchObject({ status: 'fail', code: 'CONNECTION_FAILED' })
  const frozen = cut(({ builder }) => builder.fault('f9', 'freeze-machine', { machines: ['worker2'] }, 24_000, 24_500))
  expect(verdictOf('PROXY-03', frozen)).toMatchObject({ status: 'pass' })
})

test('PROXY-04 fails for a connection that fails while kube-proxy restarts, and for rules that stay old', () => {
  const cut = edited(kubeProxyRules(), 'attempt', (record) =>
    record.from === 'worker1' &&
    record.service.endsWith('/web') &&
    record.at > start + 28_000 &&
    record.at < start + 28_300
      ? { ...record, ok: false, backend: undefined, error: 'refused' }
      : record,
  )
  expect(verdictOf('PROXY-04', cut)).toMatchObject({ status: 'fail', code: 'CONNECTION_FAILED', values: { failed: 2 } })
  const old = stale(kubeProxyRules(), 62_000)
  const undisturbed = edited(old, 'fault', (record) => (record.fault === 'flush-proxy' ? undefined : record))
  expect(verdictOf('PROXY-04', undisturbed)).toMatchObject({
    status: 'fail',
    code: 'RULES_STAY_OLD',
    values: { machine: 'worker1', forMs: 32_000 },
  })
  const late = edited(stale(kubeProxyRules(), 50_000), 'fault', (record) =>
    record.fault === 'flush-proxy' ? undefined : record,
  )
  expect(verdictOf('PROXY-04', late)).toMatchObject({ status: 'late', code: 'RULES_CURRENT_LATE', measured: 32_000 })
  // Where the next fault follows soon, no rules were read in between.
  expect(verdictOf('PROXY-04', old).code).toBe('STIMULUS_ABSENT')
})

/** The snapshots of worker1 until a time show the rules from while its kube-proxy was down. */
function stale(records: readonly JournalRecord[], until: number): JournalRecord[] {
  const own = records.flatMap((one) => (one.kind === 'rules' && one.machine === 'worker1' ? [one] : []))
  const hash = own.find(({ at }) => at === start + 26_500)?.hash ?? ''
  return edited(records, 'rules', (record) => {
    if (record.machine !== 'worker1' || record.at < start + 28_000 || record.at > start + until) return record
    const { text: _, ...snapshot } = record
    return { ...snapshot, hash }
  })
}

test('PROXY-04 does not judge the effect of the next fault', () => {
  const flushed = edited(kubeProxyRules(), 'attempt', (record) =>
    record.from === 'worker1' && record.at > start + 33_000 && record.at < start + 50_000
      ? { ...record, ok: false, backend: undefined, error: 'no connection in time' }
      : record,
  )
  expect(verdictOf('PROXY-04', flushed).status).toBe('pass')
})

test('PROXY-06 fails for a client that moves without a reason, and for rules with a shorter timeout', () => {
  const moved = edited(kubeProxyRules(), 'attempt', (record) =>
    record.service.endsWith('/sticky') && record.from === 'worker2' && record.at === start + 18_100
      ? { ...record, backend: 'web-1' }
      : record,
  )
  expect(verdictOf('PROXY-06', moved)).toMatchObject({
    status: 'fail',
    code: 'CLIENT_MOVED',
    values: { from: 'worker2', before: 'web-2', now: 'web-1', afterMs: 200 },
  })
  const short = rulesChanged('worker2', (text) => text.replaceAll('--seconds 10 ', '--seconds 5 '))
  expect(verdictOf('PROXY-06', short)).toMatchObject({
    status: 'fail',
    code: 'RULES_WITHOUT_AFFINITY',
    values: { what: expect.stringMatching(/is bound to 10\.244\.9\.1:808\d for 5 s instead of for 10 s/) },
  })
})

test('PROXY-06 fails for clients that stay bound after the timeout, unless so few returned late that chance explains it', () => {
  const bound = packets(to('forgetful'), { backend: 'web-1' })
  expect(verdictOf('PROXY-06', bound)).toMatchObject({
    status: 'fail',
    code: 'CLIENTS_STAY_BOUND',
    values: { service: 'hf-kube-proxy-rules/forgetful', returns: 10 },
  })
  const few = edited(bound, 'reach', (one) => (to('forgetful')(one) && one.from !== 'worker1' ? undefined : one))
  expect(verdictOf('PROXY-06', few)).toMatchObject({ status: 'pass', values: { freed: 0 } })
  const none = edited(few, 'attempt', (one) => (one.service.endsWith('/sticky') ? undefined : one))
  expect(verdictOf('PROXY-06', none)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
})

test('PROXY-06 accepts that a client in a pod moves when the rules of its machine were removed', () => {
  const sound = (node: string): JournalRecord[] =>
    kubeProxyRules(({ builder }) => {
      builder.object(300, 'pods', builder.namespace, 'prober', { metadata: {}, spec: { nodeName: node } }, 'added')
      for (const [t, backend] of [
        [59_000, 'web-1'],
        [61_000, 'web-2'],
      ] as const) {
        builder.probes(t, t + 200, () => backend, ['pod:prober'], 'sticky')
      }
    })
  expect(verdictOf('PROXY-06', sound('worker1')).status).toBe('pass')
  expect(verdictOf('PROXY-06', sound('worker2'))).toMatchObject({ status: 'fail', values: { from: 'pod:prober' } })
})

const onNode = (record: RecordOf<'reach'>): boolean => to('outside')(record) && record.through === 'worker2'

test('PROXY-07 fails for a changed sender, an answer of another endpoint, and an answer without an endpoint', () => {
  expect(verdictOf('PROXY-07', packets(onNode, { client: addressOf('worker2') }))).toMatchObject({
    status: 'fail',
    code: 'SENDER_CHANGED',
    values: { client: addressOf('worker2'), sender: addressOf('worker1') },
  })
  const other = (record: RecordOf<'reach'>): boolean => to('outside')(record) && record.through === 'worker3'
  expect(verdictOf('PROXY-07', packets(other, { outcome: 'answered', backend: 'edge-1' }))).toMatchObject({
    status: 'fail',
    code: 'NOT_DROPPED',
    values: { outcome: 'answered' },
  })
  expect(verdictOf('PROXY-07', packets(other, { outcome: 'refused' })).status).toBe('fail')
})

test('PROXY-07 fails for a wrong health check, and counts health checks of each sort', () => {
  const wrong = edited(kubeProxyRules(), 'health', (one) => (one.machine === 'worker3' ? { ...one, status: 200 } : one))
  expect(verdictOf('PROXY-07', wrong)).toMatchObject({
    status: 'fail',
    code: 'HEALTH_CHECK_WRONG',
    values: { machine: 'worker3', service: 'hf-kube-proxy-rules/balanced', status: 200, due: ['503'] },
  })
  const silent = edited(kubeProxyRules(), 'health', (one) => (one.machine === 'worker2' ? { ...one, status: 0 } : one))
  expect(verdictOf('PROXY-07', silent).values).toMatchObject({ machine: 'worker2', status: 0, due: ['200', '503'] })
  const some = edited(kubeProxyRules(), 'health', (one) => (one.machine === 'worker2' ? undefined : one))
  expect(verdictOf('PROXY-07', some)).toMatchObject({ status: 'pass', values: { healthy: 0, unhealthy: 4 } })
})

test('PROXY-08 fails where the last endpoint is cut off while it still serves', () => {
  const late = (record: RecordOf<'reach'>): boolean => record.at === start + 15_500
  expect(verdictOf('PROXY-08', packets(late, { outcome: 'silent' }))).toMatchObject({
    status: 'fail',
    code: 'NOT_ANSWERED',
    values: { outcome: 'silent', due: ['edge-1'] },
  })
  const none = edited(kubeProxyRules(), 'reach', (record) => (late(record) ? undefined : record))
  expect(verdictOf('PROXY-08', none).code).toBe('STIMULUS_ABSENT')
})

test('PROXY-09 fails for an answer from another Node', () => {
  const away = (record: RecordOf<'reach'>): boolean => to('inside')(record) && record.from === 'worker3'
  expect(verdictOf('PROXY-09', packets(away, { outcome: 'answered', backend: 'edge-1' }))).toMatchObject({
    status: 'fail',
    code: 'NOT_DROPPED',
    values: { from: 'worker3', outcome: 'answered' },
  })
})

test('PROXY-10 fails for an answer of an endpoint that is not ready, and for no answer of a published one', () => {
  expect(verdictOf('PROXY-10', packets(to('hidden'), { outcome: 'answered', backend: 'unready-1' }))).toMatchObject({
    status: 'fail',
    code: 'NOT_REFUSED',
    values: { outcome: 'answered', backend: 'unready-1' },
  })
  expect(verdictOf('PROXY-10', packets(to('published'), { outcome: 'refused' })).status).toBe('fail')
})

test('PROXY-10 fails for a DNS answer with an endpoint that is not ready, and for rules of a headless Service', () => {
  const reported = edited(kubeProxyRules(), 'name', (one) =>
    one.service.endsWith('/headless-hidden') ? { ...one, addresses: ['10.244.9.30'] } : one,
  )
  expect(verdictOf('PROXY-10', reported)).toMatchObject({
    status: 'fail',
    code: 'NAME_NOT_READY',
    values: { service: 'hf-kube-proxy-rules/headless-hidden', address: '10.244.9.30' },
  })
  const ruled = rulesChanged(
    'worker3',
    (text) => `${text}-A KUBE-SERVICES -m comment --comment "hf-kube-proxy-rules/headless:tcp"\n`,
  )
  expect(verdictOf('PROXY-10', ruled)).toMatchObject({
    code: 'HEADLESS_RULES',
    values: { machine: 'worker3', service: 'hf-kube-proxy-rules/headless' },
  })
  const unasked = edited(kubeProxyRules(), 'name', () => undefined)
  expect(verdictOf('PROXY-10', unasked)).toMatchObject({ status: 'pass', values: { named: 0, withheld: 0 } })
})

test('PROXY-11 fails where datagrams still go to a removed endpoint, and is late where they stop', () => {
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
    status: 'fail',
    code: 'FLOW_HELD',
    values: { machine: 'worker2', to: '10.96.1.7:81', endpoint: '10.244.9.40:8081', heldMs: 6_000 },
  })
  const released = both.flatMap((record) =>
    record.kind === 'flows' && record.at === start + 24_000
      ? [record, { ...record, at: start + 25_000, flows: [] }]
      : [record],
  )
  expect(verdictOf('PROXY-11', released)).toMatchObject({
    status: 'late',
    code: 'FLOW_RELEASED_LATE',
    measured: 6_000,
  })
  const justBefore = edited(kubeProxyRules(), 'flows', (record) =>
    record.at > start + 18_000 ? { ...record, at: start + 17_999 } : record,
  )
  expect(verdictOf('PROXY-11', justBefore)).toMatchObject({ status: 'pass', code: 'FLOW_RELEASED' })
  const unused = edited(kubeProxyRules(), 'flows', (record) => ({ ...record, flows: [] }))
  expect(verdictOf('PROXY-11', unused).code).toBe('STIMULUS_ABSENT')
  const stale = kubeProxyRules(({ builder }) =>
    builder.fault('f9', 'stale-conntrack', { machines: ['worker2'] }, 17_600, 19_050),
  )
  expect(verdictOf('PROXY-11', stale).code).toBe('STIMULUS_ABSENT')
})
