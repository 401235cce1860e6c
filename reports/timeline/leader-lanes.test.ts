import { expect, test } from 'vitest'
import { Recording } from '../../harness/judge/recording/recording.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { leaderLanes } from './leader-lanes.ts'

const lane = (journal: SyntheticJournal, name: string) =>
  leaderLanes(new Recording('', journal.records), journal.now)
    .find((found) => found.name === name)
    ?.spans.map(({ from, to, label }) => [from, to, label])

test('a Lease that is not renewed has no holder after its duration', () => {
  const journal = new SyntheticJournal(0)
    .lease('kube-scheduler', 'control-plane1')
    .wait(4000)
    .lease('kube-scheduler', 'control-plane1')
  journal.wait(18_000).lease('kube-scheduler', 'control-plane2').wait(1000)
  expect(lane(journal, 'kube-scheduler')).toEqual([
    [0, 19_000, 'control-plane1'],
    [19_000, 22_000, 'no leader'],
    [22_000, 23_000, 'control-plane2'],
  ])
})

test('a watch that lags does not draw an old state over the current one', () => {
  const journal = new SyntheticJournal(0).lease('kube-scheduler', 'control-plane1')
  const old = journal.records[0]
  journal.wait(1000).lease('kube-scheduler', 'control-plane2').wait(10)
  if (old) journal.records.push({ ...old, at: journal.now })
  journal.wait(1000)
  expect(lane(journal, 'kube-scheduler')).toEqual([
    [0, 1000, 'control-plane1'],
    [1000, 2010, 'control-plane2'],
  ])
})

test('a Lease that no watch observed is unknown, not lost', () => {
  const journal = new SyntheticJournal(0).lease('kube-scheduler', 'control-plane1').wait(10_000)
  journal.add({ kind: 'gap', source: 'control-plane1', resource: 'leases', until: 20_000, reason: 'cut' }).wait(20_000)
  expect(lane(journal, 'kube-scheduler')).toEqual([
    [0, 15_000, 'control-plane1'],
    [15_000, 20_000, 'unknown'],
    [20_000, 30_000, 'no leader'],
  ])
})

test('the etcd leader is the member that most members report', () => {
  const journal = new SyntheticJournal(0).etcdStatus('etcd2', 4).wait(1000)
  journal.add({ kind: 'etcd', member: 'etcd2', answered: true, leader: '', term: 4 }).wait(1000)
  journal.etcdStatus('', 5, ['etcd1', 'etcd3']).wait(1000).etcdStatus('etcd1', 6).wait(1000)
  expect(lane(journal, 'etcd')).toEqual([
    [0, 2000, 'etcd2'],
    [2000, 3000, 'no leader'],
    [3000, 4000, 'etcd1'],
  ])
})
