import { expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Packet = RecordOf<'reach'>

const pods = { one: 'worker1', two: 'worker2', three: 'worker3' } as const
const names = Object.keys(pods) as (keyof typeof pods)[]
const namespace = 'hf-pod-network'
const cut = [
  { from: 'worker1', to: 'worker2' },
  { from: 'worker2', to: 'worker1' },
]
const kinds = [{ protocol: 'tcp' }, { protocol: 'udp' }, { protocol: 'udp', bytes: 1_500 }] as const

/** Packets between three pods, and from each machine to its own, twice a second; a partition from 20 s to 30 s. */
function podNetwork(before: (builder: JournalBuilder) => void = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('pod-network')
  for (const name of names) builder.pod(1_000, name, pods[name], 'control-plane1')
  builder.fault('f1', 'partition', { machines: ['worker1'], cut, network: 'pods' }, 20_000, 30_000)
  const address = (name: string): string => `10.244.1.${builder.uid('pods', namespace, name).replace('uid-', '')}`
  for (let t = 4_000; t < 60_000; t += 500) {
    for (const to of names) {
      const target = { to: `${address(to)}:80`, through: '', service: '', pod: `${namespace}/${to}` }
      const own = { kind: 'reach', endedAt: start + t + 5, from: pods[to], ...target, protocol: 'tcp' } as const
      builder.add(t, { ...own, outcome: 'answered', backend: to, client: '10.244.1.1', source: '10.244.1.1' })
      for (const from of names.filter((name) => name !== to))
        for (const kind of kinds) {
          const isCut = from !== 'three' && to !== 'three' && t >= 19_990 && t <= 30_000
          const client = address(from)
          const answer = 'bytes' in kind ? {} : { backend: to, client }
          const result = isCut
            ? ({ outcome: 'silent' } as const)
            : ({ outcome: 'answered', ...answer, source: client } as const)
          builder.add(t, { ...own, from: `pod:${namespace}/${from}`, ...kind, ...result })
        }
    }
  }
  before(builder)
  return builder.journal(61_000)
}

const isFromPod = ({ from }: Packet): boolean => from.startsWith('pod:')
const isBetween = (one: string, other: string) => (packet: Packet) =>
  packet.from === `pod:${namespace}/${one}` && packet.pod === `${namespace}/${other}`
const since =
  (t: number, until = Infinity) =>
  (packet: Packet) =>
    packet.at >= start + t && packet.at < start + until

/** The journal with the packets that fit changed to `change`. */
function changed(fits: (packet: Packet) => boolean, change: Partial<Packet> | undefined): JournalRecord[] {
  return edited(podNetwork(), 'reach', (record) => {
    if (!fits(record)) return record
    return change && { ...record, ...change }
  })
}

const silent = { outcome: 'silent', backend: undefined, client: undefined, source: undefined } as const

test('NET-01 passes where each pod reaches each other pod with its own address', () => {
  expect(verdictOf('NET-01', podNetwork())).toMatchObject({
    status: 'pass',
    code: 'PODS_REACHED',
    values: { pairs: 6, whole: expect.any(Number) },
  })
})

test('NET-01 fails where a pod receives another address than that of the sender', () => {
  const translated = changed((packet) => isBetween('one', 'three')(packet) && packet.protocol === 'tcp', {
    client: '10.0.0.14',
  })
  expect(verdictOf('NET-01', translated)).toMatchObject({
    status: 'fail',
    code: 'SENDER_CHANGED',
    values: { client: '10.0.0.14' },
  })
})

test('NET-01 fails where another pod answers', () => {
  const other = changed((packet) => isBetween('one', 'three')(packet) && packet.backend !== undefined, {
    backend: 'two',
  })
  expect(verdictOf('NET-01', other)).toMatchObject({ status: 'fail', code: 'OTHER_POD_ANSWERED' })
})

test('NET-01 fails where packets are lost outside of a fault, or only large ones', () => {
  const lost = changed((packet) => isBetween('one', 'three')(packet) && since(22_000, 26_000)(packet), silent)
  expect(verdictOf('NET-01', lost)).toMatchObject({ status: 'fail', code: 'UNAVAILABLE' })
  const large = changed((packet) => isBetween('one', 'three')(packet) && packet.bytes !== undefined, silent)
  expect(verdictOf('NET-01', large)).toMatchObject({
    status: 'fail',
    values: { what: `pod:${namespace}/one to ${namespace}/three udp 1500 bytes` },
  })
})

test('NET-01 does not excuse losses by a component that was killed', () => {
  const killed = podNetwork((builder) =>
    builder.fault('f2', 'kill', { machines: ['worker3'], component: 'flanneld' }, 45_000, 50_000),
  )
  const lost = edited(killed, 'reach', (packet) =>
    isBetween('one', 'three')(packet) && since(46_000, 49_000)(packet) ? { ...packet, ...silent } : packet,
  )
  expect(verdictOf('NET-01', lost)).toMatchObject({ status: 'fail', code: 'UNAVAILABLE' })
})

test('NET-01 is inconclusive without packets of a pair, and not exercised without packets or Ready pods', () => {
  const few = changed(isBetween('one', 'three'), undefined)
  expect(verdictOf('NET-01', few)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
  const absent = { status: 'inconclusive', code: 'STIMULUS_ABSENT' }
  expect(verdictOf('NET-01', changed(isFromPod, undefined))).toMatchObject(absent)
  const unready = edited(podNetwork(), 'watch', (record) => (record.resource === 'pods' ? undefined : record))
  expect(verdictOf('NET-01', unready)).toMatchObject(absent)
})

test('NET-02 passes where each machine reaches its pods, and fails where it loses one', () => {
  expect(verdictOf('NET-02', podNetwork())).toMatchObject({
    status: 'pass',
    code: 'PODS_REACHED',
    values: { nodes: 3, pods: 3 },
  })
  const lost = changed((packet) => packet.from === 'worker3' && since(40_000, 45_000)(packet), silent)
  expect(verdictOf('NET-02', lost)).toMatchObject({ status: 'fail', code: 'UNAVAILABLE' })
  const none = changed((packet) => !isFromPod(packet), undefined)
  expect(verdictOf('NET-02', none)).toMatchObject({ code: 'STIMULUS_ABSENT' })
})

test('NET-04 passes where packets are answered after a partition', () => {
  expect(verdictOf('NET-04', podNetwork())).toMatchObject({
    status: 'pass',
    code: 'RESTORED',
    values: { outages: 6, afterMs: 505 },
    reason: expect.stringContaining('6 interrupted paths'),
  })
})

test('NET-04 fails where packets are never answered again, and is late after the bound', () => {
  const gone = changed((packet) => isBetween('two', 'one')(packet) && since(20_000)(packet), silent)
  expect(verdictOf('NET-04', gone)).toMatchObject({
    status: 'fail',
    code: 'NOT_RESTORED',
    values: { lane: 'worker2 to worker1 tcp' },
  })
  const late = changed((packet) => isBetween('two', 'one')(packet) && since(20_000, 50_000)(packet), silent)
  expect(verdictOf('NET-04', late)).toMatchObject({
    status: 'late',
    code: 'RESTORED_LATE',
    values: { afterMs: 20_005 },
  })
})

test('NET-04 is inconclusive where packets end too early, or are missing after the fault', () => {
  const isOne = isBetween('two', 'one')
  const short = edited(podNetwork(), 'reach', (packet) => {
    if (!isOne(packet) || !since(20_000)(packet)) return packet
    return since(35_000)(packet) ? undefined : { ...packet, ...silent }
  })
  expect(verdictOf('NET-04', short)).toMatchObject({ status: 'inconclusive', code: 'RECORDING_ENDS' })
  const none = changed((packet) => isOne(packet) && since(30_000)(packet), undefined)
  expect(verdictOf('NET-04', none)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
})

test('NET-04 needs a fault that ended and lost packets', () => {
  const harmless = changed((packet) => packet.outcome === 'silent', undefined)
  expect(verdictOf('NET-04', harmless)).toMatchObject({ code: 'STIMULUS_ABSENT' })
})
