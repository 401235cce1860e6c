import { expect, test } from 'vitest'
import { runFacts } from '../facts/run-facts.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { syntheticRun } from '../testing/synthetic-run.ts'
import { everyVerdict } from '../testing/synthetic-verdicts.ts'
import { timelines } from './timeline.ts'

const journal = syntheticRun()
const [killScheduler, partitionEtcd, drainNode] = timelines(runFacts(journal), everyVerdict(1_015_000))
const lanes = (timeline: typeof killScheduler, heading: string) =>
  timeline?.groups.find((group) => group.heading === heading)?.lanes ?? []

test('a fault is active from the proof of its effect until it is healed, or permanently', () => {
  expect(killScheduler?.faults).toMatchObject([
    { description: 'kill kube-scheduler@control-plane1', proven: true, ended: 'healed' },
    { description: 'stop kube-scheduler@control-plane2', proven: true, ended: 'healed' },
  ])
  expect(partitionEtcd?.faults[0]?.description).toBe('partition etcd2 | etcd1, etcd3')
  expect(drainNode?.faults[1]).toMatchObject({
    description: 'lose-machine worker2',
    ended: 'permanent',
    to: drainNode?.window.end,
  })
})

test('a fault without proof of effect is marked', () => {
  const target = { machines: ['worker1'] }
  const doubtful = new SyntheticJournal()
    .run()
    .scenario('drain-node', (run) =>
      run.fault('f', 'freeze', target, 'intent').wait(9).fault('f', 'freeze', target, 'unproven'),
    )
  const [timeline] = timelines(runFacts(doubtful.records), [])
  expect(lanes(timeline, 'faults')[0]?.spans).toMatchObject([
    { tone: 'doubt', label: 'freeze worker1, effect not proven' },
  ])
})

test('a slow injection has a span of its own', () => {
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
    { tone: 'note', title: expect.stringContaining('took 9 s') },
    { tone: 'fault' },
  ])
})

test('an intent alone proves no effect: the run may have ended before the injection', () => {
  const target = { machines: ['worker1'] }
  const cut = new SyntheticJournal().run().scenario('drain-node', (run) => run.fault('f', 'freeze', target, 'intent'))
  expect(timelines(runFacts(cut.records), [])[0]?.faults).toMatchObject([{ proven: false, ended: 'never' }])
})

test('a state from before a scenario continues at its start', () => {
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

test('the node lanes show cordoned and unknown states', () => {
  const nodes = new Map(lanes(drainNode, 'nodes').map(({ name, spans }) => [name, spans.map(({ label }) => label)]))
  expect(nodes.get('worker1')).toEqual(['', 'cordoned', ''])
  expect(nodes.get('worker2')).toEqual(['', 'ready: unknown'])
  expect(nodes.get('control-plane1')).toEqual([''])
})

test('each client and protocol has a probe lane, with failures at their times', () => {
  expect(lanes(drainNode, 'probes')).toHaveLength(12)
  const [lost] =
    lanes(drainNode, 'probes')
      .find(({ name }) => name === 'worker2 tcp')
      ?.spans.filter(({ tone }) => tone === 'bad') ?? []
  expect(((lost?.from ?? 0) - (drainNode?.window.start ?? 0)) / 1000).toBeCloseTo(30, 0)
  expect(lost?.title).toContain('13 of 13 attempts failed')
})

test('writes without confirmation by a majority are shown as failed', () => {
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

test('a warning from two API servers is listed once, and normal events are not listed', () => {
  const twice = new SyntheticJournal()
    .run()
    .scenario('drain-node', (run) =>
      run.warning('FailedScheduling', 'web-1', 'no node').wait(5).warning('Scheduled', 'web-1', 'fine', 'Normal'),
    )
  const first = twice.records.find(({ kind }) => kind === 'watch')
  if (first?.kind === 'watch') twice.records.splice(-1, 0, { ...first, source: 'control-plane2' })
  const [timeline] = timelines(runFacts(twice.records), [])
  expect(timeline?.warnings).toMatchObject([
    { reason: 'FailedScheduling', about: 'Pod web-1', moments: [expect.any(Number)] },
  ])
})

test('the times that a verdict cites are only on the timeline of its scenario', () => {
  expect(lanes(killScheduler, 'scenario').flatMap(({ marks }) => marks.map(({ label }) => label))).toContain(
    'SCHED-14 control-plane2 holds the lease',
  )
  expect(JSON.stringify(lanes(drainNode, 'scenario'))).not.toContain('SCHED-14')
})
