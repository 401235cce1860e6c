import { expect, test } from 'vitest'
import type { RecordOf } from '../../record/records.ts'
import { down, faultWindows, possibleFaults, timesWhen } from './fault-windows.ts'
import { recordings } from '../recording/recording.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'
import { start } from '../testing/cluster-facts.ts'

function windowsOf(build: (builder: JournalBuilder) => JournalBuilder): ReturnType<typeof faultWindows> {
  const [recording] = recordings(build(new JournalBuilder('made-up')).journal(90_000))
  if (!recording) throw new Error('no recording')
  return faultWindows(recording)
}

const hosts = ['a', 'b', 'c']
const kill = (builder: JournalBuilder, id: string, machine: string, from: number, until?: number): JournalBuilder =>
  builder.fault(id, 'kill', { machines: [machine], component: 'etcd' }, from, until)

test('a majority is down where outages of enough machines overlap', () => {
  const windows = windowsOf((builder) =>
    kill(kill(kill(builder, '1', 'a', 100, 500), '2', 'b', 300, 700), '3', 'c', 650, 900),
  )
  const lost = timesWhen(down(windows, 'etcd', hosts), (machines) => machines.size >= 2)
  expect(lost.map(({ from, until }) => [from - start, until - start])).toEqual([
    [300, 500],
    [650, 700],
  ])
})

test('a lost machine takes its components down for good, a fault of another component does not', () => {
  const windows = windowsOf((builder) =>
    builder
      .fault('1', 'lose-machine', { machines: ['a'] }, 100)
      .fault('2', 'kill', { machines: ['b'], component: 'kubelet' }, 100, 200),
  )
  expect(down(windows, 'etcd', hosts).map(({ machine, until }) => [machine, until])).toEqual([['a', Infinity]])
  expect(down(windows, 'etcd', ['b'])).toEqual([])
})

test('an unplugged machine takes its components down until it is plugged in; a restarted one does not', () => {
  const base = { kind: 'fault' as const, id: '2', fault: 'restart-machine', target: { machines: ['b'] } }
  const evidence = [{ proves: 'it was restarted', facts: { stays: false } }]
  const windows = windowsOf((builder) =>
    builder
      .fault('1', 'unplug-machine', { machines: ['a'] }, 100, 200)
      .add(280, { ...base, edge: 'intent', evidence: [] })
      .add(300, { ...base, edge: 'injected', evidence })
      .add(400, { ...base, edge: 'healed', evidence }),
  )
  expect(windows).toHaveLength(2)
  const found = down(windows, 'etcd', hosts).map(({ machine, from, until }) => [machine, from - start, until - start])
  expect(found).toEqual([['a', 100, 200]])
})

test('a process that its supervisor restarts at once is not down', () => {
  const base = { kind: 'fault' as const, id: '1', fault: 'kill', target: { machines: ['a'], component: 'etcd' } }
  const evidence = [{ proves: 'gone', facts: { stays: false } }]
  const windows = windowsOf((builder) =>
    builder
      .add(80, { ...base, edge: 'intent', evidence: [] })
      .add(100, { ...base, edge: 'injected', evidence })
      .add(200, { ...base, edge: 'healed', evidence }),
  )
  expect(windows).toHaveLength(1)
  expect(down(windows, 'etcd', hosts)).toEqual([])
})

test('fault names fit a table cell', () => {
  const cut = [
    { from: 'etcd1', to: 'etcd2' },
    { from: 'etcd3', to: 'etcd1' },
  ]
  const windows = windowsOf((builder) =>
    kill(builder, '1', 'a', 100, 200).fault('2', 'partition', { machines: ['etcd1'], cut }, 300, 400),
  )
  expect(windows.map(({ description }) => description)).toEqual(['kill etcd@a', 'partition etcd1 from etcd2, etcd3'])
})

test('a fault is proven only by one intent, injection and end, in that order and each with its evidence', () => {
  type Edge = RecordOf<'fault'>['edge']
  const lifeOf = (...edges: readonly (readonly [at: number, edge: Edge, proofs: number])[]) => {
    const base = { kind: 'fault' as const, id: '1', fault: 'kill', target: { machines: ['a'], component: 'etcd' } }
    const builder = new JournalBuilder('made-up')
    for (const [at, edge, proofs] of edges) {
      const evidence = Array.from({ length: proofs }, () => ({ proves: 'gone', facts: {} }))
      builder.add(at, { ...base, edge, evidence })
    }
    const [recording] = recordings(builder.journal(90_000))
    return recording && [faultWindows(recording).length, possibleFaults(recording).length]
  }
  const [proven, doubtful] = [
    [1, 1],
    [0, 1],
  ]
  expect(lifeOf([80, 'intent', 0], [100, 'injected', 1], [200, 'healed', 1])).toEqual(proven)
  expect(lifeOf([100, 'injected', 1], [200, 'healed', 1])).toEqual(doubtful)
  expect(lifeOf([80, 'intent', 0], [200, 'healed', 1])).toEqual(doubtful)
  expect(lifeOf([80, 'intent', 0], [100, 'injected', 1])).toEqual(doubtful)
  expect(lifeOf([80, 'intent', 0], [100, 'injected', 0], [200, 'healed', 1])).toEqual(doubtful)
  expect(lifeOf([80, 'intent', 0], [100, 'injected', 1], [200, 'healed', 0])).toEqual(doubtful)
  expect(lifeOf([80, 'intent', 0], [100, 'injected', 1], [90, 'healed', 1])).toEqual(doubtful)
  expect(lifeOf([120, 'intent', 0], [100, 'injected', 1], [200, 'healed', 1])).toEqual(doubtful)
  const twice = [100, 'injected', 1] as const
  expect(lifeOf([80, 'intent', 0], twice, twice, [200, 'healed', 1])).toEqual(doubtful)
})
