import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-story.ts'
import { addressOf, start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { proxyRules } from './proxy-rules.ts'

/** The story with packets of one sort changed. */
function packets(fits: (record: RecordOf<'reach'>) => boolean, change: Partial<RecordOf<'reach'>>): JournalRecord[] {
  return edited(kubeProxyRules(), 'reach', (record) => (fits(record) ? { ...record, ...change } : record))
}

/** The story with the text of a machine's rules changed wherever it is told. */
function rulesChanged(machine: string, change: (text: string) => string): JournalRecord[] {
  return edited(kubeProxyRules(), 'rules', (record) =>
    record.machine === machine && record.text !== undefined ? { ...record, text: change(record.text) } : record,
  )
}

const to = (service: string) => (record: RecordOf<'reach'>) => record.service.endsWith(`/${service}`)

test.each(proxyRules.map(({ id }) => id))('%s is kept within a bound that says where it comes from', (id) => {
  const { status, bound, measured, reason } = verdictOf(id, kubeProxyRules())
  expect(status, reason).toBe('pass')
  expect(bound?.source).toMatch(/\/configz of kube-proxy|documentation allows no exception/)
  expect(measured).toBeLessThanOrEqual(bound?.limit ?? -1)
})

test('PROXY-01 is broken by one rule that is missing, and says which', () => {
  const gone = (text: string): string => text.replace(/^-A KUBE-SERVICES -d 10\.96\.1\.1\/32 -p tcp .*\n/m, '')
  expect(verdictOf('PROXY-01', rulesChanged('worker2', gone))).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(
      /hf-kube-proxy-rules\/web:tcp \(tcp 80\) on worker2: a tcp packet from a pod .* to 10\.96\.1\.1:80 never goes to 10\.244\.9\.1:8080 \(none in KUBE-SERVICES\)/,
    ),
  })
})

test('PROXY-01 says since when a chance has been another one', () => {
  const story = kubeProxyRules()
  const looks = story.flatMap((one) => (one.kind === 'rules' && one.machine === 'worker2' ? [one] : []))
  const texts = new Map(looks.flatMap(({ hash, text }) => (text === undefined ? [] : [[hash, text]])))
  const [before, first] = looks.slice(3).map(({ at }) => at)
  if (before === undefined || first === undefined) throw new Error('the story has too few looks')
  const changed = edited(story, 'rules', (look) => {
    if (look.machine !== 'worker2' || look.at < first) return look
    const text = texts.get(look.hash)?.replace(/(-A KUBE-SVC-.*--probability) 0\.\d+/, '$1 0.9') ?? ''
    return { ...look, hash: `${look.hash}, changed`, text }
  })
  const seconds = (at: number): string => `${(at - start) / 1_000} s`
  expect(verdictOf('PROXY-01', changed).reason).toMatch(
    new RegExp(
      ` in \\d+ % instead of [\\d.]+ % \\(rule \\d of KUBE-SVC-\\S+\\), since between ${seconds(before)} and ${seconds(first)} after the beginning\\.$`,
    ),
  )
})

test('PROXY-01 is broken by packets that go elsewhere than the rules say', () => {
  expect(verdictOf('PROXY-01', packets(to('published'), { backend: 'web-1' })).reason).toMatch(
    /^The rules look as asked, and packets say otherwise\. .* was answered by web-1, and unready-1 should\.$/,
  )
  const stray = edited(kubeProxyRules(), 'attempt', (one) =>
    one.from === 'worker2' && one.at === start + 5_100 ? { ...one, backend: 'edge-1' } : one,
  )
  expect(verdictOf('PROXY-01', stray)).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(/was answered by edge-1, to which nothing sent it/),
  })
})

test('PROXY-01 is late where a Node goes on with what was asked before', () => {
  const story = kubeProxyRules()
  const own = story.flatMap((record) => (record.kind === 'rules' && record.machine === 'worker3' ? [record] : []))
  const [old] = own
  // What the frozen looks had to tell is told before the scenario, where it is only kept.
  const told = own.flatMap((record) =>
    record.text === undefined ? [] : [{ ...record, at: start - 1, endedAt: start - 1 }],
  )
  const frozen = edited(story, 'rules', ({ text: _, ...record }) =>
    record.machine === 'worker3' && record.at > start + 8_000 && record.at < start + 21_500
      ? { ...record, hash: old?.hash ?? '' }
      : { ...record, ...(_ === undefined ? {} : { text: _ }) },
  )
  const begin = frozen.findIndex(({ kind }) => kind === 'scenario')
  expect(verdictOf('PROXY-01', frozen.toSpliced(begin, 0, ...told))).toMatchObject({
    status: 'late',
    bound: { limit: 5_000 },
    // Seen at 21 s, and asked otherwise since 8 s.
    measured: 13_000,
    reason: expect.stringContaining('What was asked had been so for 13 s and was not in force: hf-kube-proxy-rules/'),
  })
})

test('PROXY-01 is undecided where nobody looked or watched', () => {
  const unseen = edited(kubeProxyRules(), 'rules', (record) => (record.machine === 'worker3' ? undefined : record))
  expect(verdictOf('PROXY-01', unseen)).toMatchObject({
    status: 'inconclusive',
    reason: 'Nobody looked at the rules of worker3.',
  })
  const blind = kubeProxyRules(({ script }) => {
    for (const source of ['control-plane1', 'control-plane2']) {
      script.add(9_000, { kind: 'gap', source, resource: 'endpointslices', until: start + 9_500, reason: 'cut' })
    }
  })
  expect(verdictOf('PROXY-01', blind).status).toBe('inconclusive')
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
    record.from === 'worker1' && record.at > start + 28_000 && record.at < start + 28_300
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
