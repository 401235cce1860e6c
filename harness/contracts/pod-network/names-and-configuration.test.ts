import { expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

const node = 'worker1'
const message = 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady'

function nodeReport(builder: JournalBuilder, t: number, ready: boolean, text = message): void {
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', message: ready ? 'ready' : text }
  builder.object(t, 'nodes', '', node, { spec: {}, status: { conditions: [condition], allocatable: {} } })
}

interface Without {
  /** When the kubelet reports that its Node is not Ready; undefined: never. */
  readonly reportedAt?: number
  readonly text?: string
  /** When the pod that is bound at 40 s is Ready. */
  readonly startedAt?: number
}

/** A Service and a headless one with two pods, and a Node without CNI configuration from 30 s to 60 s. */
function journal(
  { reportedAt, text = message, startedAt = 65_000 }: Without = { reportedAt: 35_000 },
): JournalRecord[] {
  const builder = new JournalBuilder('names')
  builder.pod(1_000, 'web-1', 'worker2', 'control-plane1').pod(1_000, 'web-2', 'worker3', 'control-plane1')
  builder.service(2_000, 'web', '10.96.0.9').slice(2_100, 'web', { 'web-1': 'worker2', 'web-2': '!worker3' })
  builder.service(2_000, 'pods', 'None').slice(2_100, 'pods', { 'web-1': 'worker2', 'web-2': '!worker3' })
  builder.slice(3_000, 'pods', { 'web-1': 'worker2', 'web-2': 'worker3' })
  builder.fault('f1', 'remove-cni', { machines: [node] }, 30_000, 60_000)
  if (reportedAt !== undefined) nodeReport(builder, reportedAt, false, text)
  const pod = { node, ready: false }
  builder.object(40_000, 'pods', builder.namespace, 'late', builder.podObject('late', pod), 'added')
  const ready = builder.podObject('late', { node, ready: true, podIP: '10.244.9.9' })
  builder.object(startedAt, 'pods', builder.namespace, 'late', ready)
  nodeReport(builder, 64_000, true)
  for (const [service, addresses] of Object.entries({ web: ['10.96.0.9'], pods: podAddresses(builder) })) {
    const name = `${service}.${builder.namespace}.svc.cluster.local`
    const about = { machine: 'worker2', service: `${builder.namespace}/${service}`, name } as const
    // Long after the last change, and after every fault.
    builder.add(200_000, { kind: 'name', endedAt: start + 200_010, ...about, answered: true, addresses })
  }
  return builder.journal(210_000)
}

function podAddresses(builder: JournalBuilder): string[] {
  return ['web-2', 'web-1'].map((pod) => `10.244.1.${builder.uid('pods', builder.namespace, pod).replace('uid-', '')}`)
}

const answered = (service: string, addresses: readonly string[]): JournalRecord[] =>
  edited(journal(), 'name', (record) =>
    record.service.endsWith(`/${service}`) ? { ...record, addresses: [...addresses] } : record,
  )

test('NET-06 passes where DNS returns the cluster IP and all ready pods, in any order', () => {
  expect(verdictOf('NET-06', journal())).toMatchObject({
    status: 'pass',
    code: 'NAMES_RESOLVED',
    values: { clusterIps: 1, headless: 1 },
  })
})

test('NET-06 fails where DNS returns another cluster IP, or none', () => {
  const wrong = { status: 'fail', code: 'WRONG_CLUSTER_IP', values: { expected: ['10.96.0.9'] } }
  expect(verdictOf('NET-06', answered('web', ['10.96.0.8']))).toMatchObject(wrong)
  expect(verdictOf('NET-06', answered('web', []))).toMatchObject(wrong)
})

test('NET-06 fails where DNS omits a ready pod of a headless Service', () => {
  const [address = ''] = podAddresses(new JournalBuilder('names'))
  expect(verdictOf('NET-06', answered('pods', [address]))).toMatchObject({ status: 'fail', code: 'WRONG_PODS' })
})

test('NET-06 fails without an answer outside of every fault, and does not judge silence beside one', () => {
  const silent = edited(journal(), 'name', (record) => ({ ...record, answered: false, addresses: [] }))
  expect(verdictOf('NET-06', silent)).toMatchObject({ status: 'fail', code: 'NOT_ANSWERED' })
  const early = edited(silent, 'name', (record) => ({ ...record, at: start + 50_000, endedAt: start + 53_000 }))
  expect(verdictOf('NET-06', early)).toMatchObject({ code: 'STIMULUS_ABSENT' })
})

test('NET-06 accepts an earlier state during its cache time', () => {
  const early = edited(journal(), 'name', (record) => ({
    ...record,
    at: start + 20_000,
    endedAt: start + 20_010,
    addresses: record.service.endsWith('/pods') ? record.addresses.slice(1) : record.addresses,
  }))
  expect(verdictOf('NET-06', early)).toMatchObject({ status: 'pass' })
})

test('NET-06 does not judge answers without a watch of slices', () => {
  const unseen = edited(journal(), 'watch', (record) => (record.resource === 'endpointslices' ? undefined : record))
  expect(verdictOf('NET-06', unseen)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
})

test('NET-07 passes where the Node is reported and its new pod waits', () => {
  expect(verdictOf('NET-07', journal())).toMatchObject({
    status: 'pass',
    code: 'WAITED',
    values: { node, afterMs: 5_000, pods: 1 },
  })
})

test('NET-07 fails where the kubelet never reports the network, and is late after the bound', () => {
  expect(verdictOf('NET-07', journal({}))).toMatchObject({ status: 'fail', code: 'NOT_REPORTED' })
  expect(verdictOf('NET-07', journal({ reportedAt: 50_000 }))).toMatchObject({
    status: 'late',
    code: 'REPORTED_LATE',
    values: { afterMs: 20_000 },
  })
})

test('NET-07 fails for another reason, and for a pod that starts without network', () => {
  expect(verdictOf('NET-07', journal({ reportedAt: 35_000, text: 'the container runtime is down' }))).toMatchObject({
    status: 'fail',
    code: 'OTHER_REASON',
  })
  expect(verdictOf('NET-07', journal({ reportedAt: 35_000, startedAt: 45_000 }))).toMatchObject({
    status: 'fail',
    code: 'STARTED_WITHOUT_NETWORK',
  })
})

test('NET-07 does not judge a late report while another fault hits the kubelet', () => {
  const disturbed = (reportedAt: number): JournalRecord[] => {
    const target = { machines: [node], component: 'kubelet' }
    const fault = { kind: 'fault', id: 'f2', fault: 'pause', target } as const
    const evidence = [{ proves: 'it is so', facts: {} }]
    const records = (['intent', 'injected', 'healed'] as const).map((edge, n) => {
      return { ...fault, at: start + 29_000 + 4_000 * n, edge, evidence }
    })
    return journal({ reportedAt }).toSpliced(-1, 0, ...records)
  }
  expect(verdictOf('NET-07', disturbed(50_000))).toMatchObject({ code: 'STIMULUS_ABSENT' })
  expect(verdictOf('NET-07', disturbed(36_000))).toMatchObject({ status: 'pass' })
})

test('NET-07 is inconclusive without a watch of pods, and not exercised without a watch of Nodes', () => {
  const without = (resource: string): JournalRecord[] =>
    edited(journal(), 'watch', (record) => (record.resource === resource ? undefined : record))
  expect(verdictOf('NET-07', without('pods'))).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  expect(verdictOf('NET-07', without('nodes'))).toMatchObject({ code: 'STIMULUS_ABSENT' })
})
