import { expect, test } from 'vitest'
import { runFacts } from '../run-facts.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { syntheticRun } from '../testing/synthetic-run.ts'
import { everyVerdict } from '../testing/synthetic-verdicts.ts'
import { timelines } from './timeline.ts'

const journal = syntheticRun()
const [killScheduler, partitionEtcd, drainNode] = timelines(runFacts(journal), everyVerdict(1_015_000))
const lanes = (timeline: typeof killScheduler, heading: string) =>
  timeline?.groups.find((group) => group.heading === heading)?.lanes ?? []

test('faults are in force from their proof to their healing, or for good', () => {
  expect(killScheduler?.faults).toMatchObject([
    { words: 'kill kube-scheduler@control-plane1', proven: true, ended: 'healed' },
    { words: 'stop kube-scheduler@control-plane2', proven: true, ended: 'healed' },
  ])
  expect(partitionEtcd?.faults[0]?.words).toBe('partition etcd2 | etcd1, etcd3')
  expect(drainNode?.faults[1]).toMatchObject({
    words: 'lose-machine worker2',
    ended: 'permanent',
    to: drainNode?.window.end,
  })
})

test('a fault that was never proven says so', () => {
  const target = { machines: ['worker1'] }
  const doubtful = new SyntheticJournal()
    .run()
    .scenario('drain-node', (run) =>
      run.fault('f', 'freeze', target, 'intent').wait(9).fault('f', 'freeze', target, 'unproven'),
    )
  const [timeline] = timelines(runFacts(doubtful.records), [])
  expect(lanes(timeline, 'faults')[0]?.spans).toMatchObject([{ tone: 'doubt', label: 'freeze worker1, not proven' }])
})

test('a fault that takes its time is drawn from when it was begun', () => {
  const target = { machines: ['worker1'] }
  const slow = new SyntheticJournal()
    .run()
    .scenario('drain-node', (run) =>
      run.fault('d', 'drain', target, 'intent').wait(9000).fault('d', 'drain', target, 'injected').wait(500),
    )
  const [timeline] = timelines(runFacts(slow.records), [])
  const start = timeline?.window.start ?? NaN
  expect(timeline?.faults[0]).toMatchObject({ begun: start + 50, from: start + 9050 })
  expect(lanes(timeline, 'faults')[0]?.spans).toMatchObject([
    { tone: 'note', title: expect.stringContaining('for 9 s') },
    { tone: 'fault' },
  ])
})

test('an intent alone proves nothing: the run may have ended before the fault bit', () => {
  const target = { machines: ['worker1'] }
  const cut = new SyntheticJournal().run().scenario('drain-node', (run) => run.fault('f', 'freeze', target, 'intent'))
  expect(timelines(runFacts(cut.records), [])[0]?.faults).toMatchObject([{ proven: false, ended: 'never' }])
})

test('what was so before a scenario is still so at its start', () => {
  expect(
    lanes(drainNode, 'leaders').map(({ name, spans }) => [
      name,
      spans[0]?.label,
      spans[0]?.from === drainNode?.window.start,
    ]),
  ).toEqual([
    ['kube-scheduler', 'control-plane1', true],
    ['kube-controller-manager', 'control-plane2', true],
    ['etcd', 'etcd1', true],
  ])
})

test('nodes: cordoned, then unknown', () => {
  const nodes = new Map(lanes(drainNode, 'nodes').map(({ name, spans }) => [name, spans.map(({ label }) => label)]))
  expect(nodes.get('worker1')).toEqual(['', 'cordoned', ''])
  expect(nodes.get('worker2')).toEqual(['', 'ready: unknown'])
  expect(nodes.get('control-plane1')).toEqual([''])
})

test('probes: one lane a place and protocol, failures where they were', () => {
  expect(lanes(drainNode, 'probes')).toHaveLength(12)
  const [lost] =
    lanes(drainNode, 'probes')
      .find(({ name }) => name === 'worker2 tcp')
      ?.spans.filter(({ tone }) => tone === 'bad') ?? []
  expect(((lost?.from ?? 0) - (drainNode?.window.start ?? 0)) / 1000).toBeCloseTo(30, 0)
  expect(lost?.title).toContain('13 of 13 tries failed')
})

test('writes that the minority or nobody confirmed are not good', () => {
  expect(
    lanes(partitionEtcd, 'writes').map(({ name, spans }) => [name, spans.filter(({ tone }) => tone !== 'good').length]),
  ).toEqual([
    ['apiserver@control-plane1', 1],
    ['apiserver@control-plane2', 1],
    ['etcd1', 1],
    ['etcd2', 2],
    ['etcd3', 1],
  ])
})

test('warnings are told once, though two API servers tell them, and normal events not at all', () => {
  const twice = new SyntheticJournal()
    .run()
    .scenario('drain-node', (run) =>
      run.warning('FailedScheduling', 'web-1', 'no node').wait(5).warning('Scheduled', 'web-1', 'fine', 'Normal'),
    )
  const told = twice.records.find(({ kind }) => kind === 'watch')
  if (told?.kind === 'watch') twice.records.splice(-1, 0, { ...told, source: 'control-plane2' })
  const [timeline] = timelines(runFacts(twice.records), [])
  expect(timeline?.warnings).toMatchObject([
    { reason: 'FailedScheduling', about: 'Pod web-1', moments: [expect.any(Number)] },
  ])
})

test("verdicts' moments are on their own scenario's timeline only", () => {
  expect(lanes(killScheduler, 'scenario').flatMap(({ marks }) => marks.map(({ label }) => label))).toContain(
    'SCHED-14 control-plane2 holds the lease',
  )
  expect(JSON.stringify(lanes(drainNode, 'scenario'))).not.toContain('SCHED-14')
})
