import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { killScheduler, workedExample } from '../../judge/testing/sample-journals.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { nodes, start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** The UDP sample of worker2, changed. */
function sampled(change: Partial<RecordOf<'sample'>>): JournalRecord[] {
  return edited(workedExample(), 'sample', (record) =>
    record.from === 'worker2' && record.protocol === 'udp' ? { ...record, ...change } : record,
  )
}

test('PROXY-02 fails for an uneven choice', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 135, 'hello-2': 65 } }))).toMatchObject({
    status: 'fail',
    code: 'UNEVEN',
    values: { from: 'worker2', service: 'hf-worked-example/hello', protocol: 'udp', counts: ['135', '65'] },
    bound: { limit: 0.001, unit: 'p-value' },
  })
})

test('PROXY-02 counts the whole family: a result that is rare in one sample is not rare in ten', () => {
  // Alone p is 0.00074; among ten samples chance produces it in seven of a thousand recordings.
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 124, 'hello-2': 76 } }))).toMatchObject({
    status: 'pass',
    measured: expect.closeTo(0.0068, 3),
  })
})

test('PROXY-02 fails for an endpoint that is never reached', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 200 } }))).toMatchObject({
    status: 'fail',
    code: 'ENDPOINT_MISSED',
    values: { from: 'worker2', attempts: 200, pods: ['hello-2'] },
  })
})

test('PROXY-02 fails for an answer of a pod that no slice lists', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 100, 'hello-2': 99, 'hello-0': 1 } }))).toMatchObject({
    status: 'fail',
    code: 'FOREIGN_ANSWER',
    values: { from: 'worker2', pods: ['hello-0'], usable: ['hello-1', 'hello-2'] },
  })
})

test('PROXY-02 fails for an endpoint that answers no connection', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 101 }, failed: 99 })).status).toBe('fail')
})

test('PROXY-02 is inconclusive with too few connections or too many without an answer', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 5, 'hello-2': 4 }, attempts: 9 }))).toMatchObject({
    status: 'inconclusive',
    code: 'TOO_FEW',
  })
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 98, 'hello-2': 98 }, failed: 4 }))).toMatchObject({
    status: 'inconclusive',
    code: 'UNANSWERED',
  })
})

test('PROXY-02 is inconclusive where endpoints changed during a sample', () => {
  const journal = workedExample((builder) => builder.slice(8_200, 'hello', { 'hello-1': 'worker1' }))
  expect(verdictOf('PROXY-02', journal)).toMatchObject({
    status: 'inconclusive',
    code: 'ENDPOINTS_CHANGED',
  })
})

test('PROXY-02 accepts an even sample just after a change, and is inconclusive on an uneven one', () => {
  const changed = workedExample((builder) =>
    builder
      .slice(6_500, 'hello', { 'hello-1': 'worker1' })
      .slice(7_000, 'hello', { 'hello-1': 'worker1', 'hello-2': 'worker2' }),
  )
  expect(verdictOf('PROXY-02', changed).status).toBe('pass')
  for (const backends of [{ 'hello-1': 150, 'hello-2': 50 }, { 'hello-1': 200 }] as Record<string, number>[]) {
    const uneven = edited(changed, 'sample', (record) => ({ ...record, backends }))
    expect(verdictOf('PROXY-02', uneven)).toMatchObject({
      status: 'inconclusive',
      code: 'ENDPOINTS_CHANGED',
    })
  }
})

test('PROXY-02 is inconclusive where a Node or a protocol is missing', () => {
  const journal = edited(killScheduler(), 'sample', (record) =>
    record.from === 'control-plane2' && record.protocol === 'udp' ? undefined : record,
  )
  expect(verdictOf('PROXY-02', journal)).toMatchObject({
    status: 'inconclusive',
    code: 'NOT_SAMPLED',
    values: { service: 'hf-kill-scheduler/web', missing: ['control-plane2 (udp)'] },
  })
})

test('PROXY-02 is inconclusive where one of several Services was not sampled from every place', () => {
  const both = killScheduler((builder) =>
    builder
      .service(850, 'api', '10.96.0.10')
      .slice(900, 'api', { 'api-1': 'worker1', 'api-2': 'worker2' })
      .samples(9_000, 'api', { 'api-1': 100, 'api-2': 100 }),
  )
  expect(verdictOf('PROXY-02', both).status).toBe('pass')
  const missing = edited(both, 'sample', (record) =>
    record.service.endsWith('/api') && record.from === 'worker1' ? undefined : record,
  )
  expect(verdictOf('PROXY-02', missing)).toMatchObject({
    status: 'inconclusive',
    code: 'NOT_SAMPLED',
    values: { service: 'hf-kill-scheduler/api', missing: ['worker1 (tcp)', 'worker1 (udp)'] },
  })
})

test('PROXY-02 is inconclusive where no source watched the slices', () => {
  const journal = workedExample((builder) => {
    for (const source of ['control-plane1', 'control-plane2']) {
      builder.add(8_100, { kind: 'gap', source, resource: 'endpointslices', until: start + 8_200, reason: 'cut' })
    }
  })
  expect(verdictOf('PROXY-02', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
})

/** Samples of a Service from every machine and a pod of worker1, spread evenly among the endpoints of each place. */
function sampledFrom(builder: JournalBuilder, service: string, answers: (place: string) => readonly string[]): void {
  for (const place of [...nodes, 'pod:prober']) {
    builder.samples(9_000, service, Object.fromEntries(answers(place).map((pod) => [pod, 100])), [place])
  }
}

/** A Service with four pods on two workers, optionally with hints per endpoint, and a probing pod on worker1. */
function policySample(spec: object, hints: (node: string) => object, answers: (place: string) => readonly string[]) {
  return workedExample((builder) => {
    const pods = { 'near-1': 'worker1', 'near-2': 'worker1', 'near-3': 'worker2', 'near-4': 'worker2' }
    builder.service(4_100, 'near', '10.96.0.51', spec).pod(4_110, 'prober', 'worker1', 'control-plane1', 'prober')
    builder.slice(4_200, 'near', pods, (_, node) => hints(node))
    sampledFrom(builder, 'near', answers)
  })
}

const isOn = (place: string): string => (place === 'pod:prober' ? 'worker1' : place)
const onWorker1 = ['near-1', 'near-2']
const onWorker2 = ['near-3', 'near-4']
const everywhere = [...onWorker1, ...onWorker2]
const near = (place: string): readonly string[] =>
  isOn(place) === 'worker1' ? onWorker1 : isOn(place) === 'worker2' ? onWorker2 : everywhere

test('PROXY-02 passes where a Service prefers endpoints of the Node, and fails for an endpoint of another Node', () => {
  const hints = (node: string): object => ({ hints: { forNodes: [{ name: node }] } })
  expect(verdictOf('PROXY-02', policySample({}, hints, near))).toMatchObject({ status: 'pass', code: 'EVEN' })
  expect(
    verdictOf(
      'PROXY-02',
      policySample({}, hints, () => everywhere),
    ),
  ).toMatchObject({
    status: 'fail',
    code: 'FOREIGN_ANSWER',
    values: { from: 'worker1', usable: onWorker1 },
  })
  // Without the hints the same answers leave endpoints out.
  expect(
    verdictOf(
      'PROXY-02',
      policySample({}, () => ({}), near),
    ),
  ).toMatchObject({
    status: 'fail',
    code: 'ENDPOINT_MISSED',
    values: { from: 'worker1', pods: onWorker2 },
  })
})

test('PROXY-02 judges internal traffic policy Local by the endpoints of the Node, and skips Nodes without endpoints', () => {
  const local = { internalTrafficPolicy: 'Local' }
  const own = (place: string): readonly string[] => (['worker1', 'worker2'].includes(isOn(place)) ? near(place) : [])
  expect(
    verdictOf(
      'PROXY-02',
      policySample(local, () => ({}), own),
    ),
  ).toMatchObject({ status: 'pass' })
  const mixed = policySample(
    local,
    () => ({}),
    (place) => (place === 'worker2' ? everywhere : own(place)),
  )
  expect(verdictOf('PROXY-02', mixed)).toMatchObject({
    status: 'fail',
    code: 'FOREIGN_ANSWER',
    values: { from: 'worker2', pods: onWorker1 },
  })
})

test('PROXY-02 skips a Service with session affinity, whose clients stay with one endpoint', () => {
  const sticky = policySample(
    { sessionAffinity: 'ClientIP' },
    () => ({}),
    () => ['near-1'],
  )
  expect(verdictOf('PROXY-02', sticky)).toMatchObject({ status: 'pass' })
  const alone = edited(sticky, 'sample', (record) => (record.service.endsWith('/near') ? record : undefined))
  expect(verdictOf('PROXY-02', alone)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
  const free = policySample(
    {},
    () => ({}),
    () => ['near-1'],
  )
  expect(verdictOf('PROXY-02', free)).toMatchObject({ status: 'fail', code: 'ENDPOINT_MISSED' })
})

test('PROXY-02 places a client pod by its own record, independent of its name', () => {
  const hints = (node: string): object => ({ hints: { forNodes: [{ name: node }] } })
  const wrong = policySample({}, hints, (place) => (place === 'pod:prober' ? onWorker2 : near(place)))
  expect(verdictOf('PROXY-02', wrong)).toMatchObject({
    status: 'fail',
    code: 'FOREIGN_ANSWER',
    values: { from: 'pod:prober', usable: onWorker1 },
  })
})

test('PROXY-02 identifies a pod in the host network by the name of its Node', () => {
  const onHost = (name: string): JournalRecord[] =>
    workedExample((builder) => {
      const { namespace } = builder
      const spec = { nodeName: 'worker1', hostNetwork: true }
      builder.object(4_100, 'pods', namespace, 'agent-1', { metadata: {}, spec, status: { phase: 'Running' } }, 'added')
      builder.service(4_150, 'agent', '10.96.0.52').slice(4_200, 'agent', { 'agent-1': 'worker1' })
      builder.samples(9_000, 'agent', { [name]: 100 })
    })
  expect(verdictOf('PROXY-02', onHost('worker1'))).toMatchObject({ status: 'pass' })
  expect(verdictOf('PROXY-02', onHost('agent-1'))).toMatchObject({ status: 'fail', code: 'FOREIGN_ANSWER' })
})

const faults = [
  ['freeze-machine', { machines: ['worker2'] }],
  ['unplug-machine', { machines: ['worker2'] }],
  ['restart-machine', { machines: ['worker2'] }],
  ['hog-cpu', { machines: ['worker2'] }],
  ['partition', { machines: ['worker2'], cut: [{ from: 'control-plane1', to: 'worker2' }] }],
  [
    'pause-container',
    { machines: ['worker2'], pod: { namespace: 'kube-system', name: 'kube-proxy-x', container: 'kube-proxy' } },
  ],
] as const

test.each(faults)('PROXY-02 does not blame kube-proxy for %s', (fault, target) => {
  const missed = (builder: JournalBuilder): void =>
    void builder
      .samples(11_000, 'hello', { 'hello-1': 200 }, ['worker1'])
      .slice(11_600, 'hello', { 'hello-1': 'worker1' })
  expect(verdictOf('PROXY-02', workedExample(missed))).toMatchObject({ status: 'fail', code: 'ENDPOINT_MISSED' })
  const excused = workedExample((builder) => {
    missed(builder)
    const { machines, ...more } = target
    builder.fault(
      'f1',
      fault,
      { machines: [...machines], ...('cut' in more ? { cut: [...more.cut] } : more) },
      10_500,
      12_000,
    )
  })
  expect(verdictOf('PROXY-02', excused)).toMatchObject({ status: 'pass' })
})

test('PROXY-02 judges samples of a time without API servers where the endpoints had not changed before', () => {
  const away = { machines: ['control-plane1'], component: 'kube-apiserver' }
  const sound = (changedAt: number): JournalRecord[] =>
    workedExample((builder) => {
      builder.fault('f1', 'kill', away, 11_500, 14_000)
      builder.slice(changedAt, 'hello', { 'hello-1': 'worker1', 'hello-2': 'worker2', 'hello-3': 'worker3' })
      builder.samples(13_500, 'hello', { 'hello-1': 100, 'hello-2': 100 }, ['worker1'])
    })
  expect(verdictOf('PROXY-02', sound(9_000))).toMatchObject({ status: 'fail', code: 'ENDPOINT_MISSED' })
  expect(verdictOf('PROXY-02', sound(12_000))).toMatchObject({ status: 'inconclusive', code: 'ENDPOINTS_CHANGED' })
})
