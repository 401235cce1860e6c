import { expect, test } from 'vitest'
import { killScheduler } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { judgeJournal } from '../judge-journal.ts'
import { watchReport } from '../bounds.ts'

const { limit } = watchReport

/** Both schedulers' faults excuse no API server. */
function reportedBy(source: string, change: (at: number) => number | undefined): JournalRecord[] {
  const journal = edited(killScheduler(), 'watch', (record) => {
    const at = record.source === source && record.event !== 'listed' ? change(record.at) : record.at
    return at === undefined ? undefined : { ...record, at }
  })
  return journal
}

function withFault(journal: readonly JournalRecord[], component: string, from: number, until: number): JournalRecord[] {
  const edges = (['intent', 'injected', 'healed'] as const).map((edge): JournalRecord => ({
    kind: 'fault',
    id: 'f9',
    fault: 'stop',
    target: { machines: ['control-plane2'], component },
    evidence: [{ proves: 'it is so', facts: { stays: true } }],
    edge,
    at: edge === 'healed' ? until : from,
  }))
  return [...journal.slice(0, -1), ...edges, ...journal.slice(-1)]
}

const [from, until] = [start + 20_000, start + 60_000]
const silent = (at: number): number | undefined => (at >= from ? undefined : at)
const later = (at: number): number => (at >= from && at < until ? at + 3 * limit : at)

test('passes when API servers report alike', () => {
  expect(verdictOf('API-16', killScheduler())).toMatchObject({ status: 'pass', code: 'WATCH_TIMELY' })
})

test('fails for an API server that stops reporting', () => {
  const verdict = verdictOf('API-16', reportedBy('control-plane2', silent))
  expect(verdict).toMatchObject({ status: 'fail', code: 'WATCH_SILENT', values: { source: 'control-plane2' } })
  expect(verdict.values['lagMs']).toBeGreaterThan(limit)
})

test('is late for an API server that reports everything half a minute late', () => {
  const verdict = verdictOf('API-16', reportedBy('control-plane1', later))
  expect(verdict).toMatchObject({ status: 'late', code: 'WATCH_LATE', values: { source: 'control-plane1' } })
})

test('accepts the silence of an API server under its own fault, and not under the fault of another component', () => {
  const journal = reportedBy('control-plane2', silent)
  const end = start + 90_000
  expect(verdictOf('API-16', withFault(journal, 'kube-apiserver', from, end))).toMatchObject({ status: 'pass' })
  expect(verdictOf('API-16', withFault(journal, 'kube-proxy', from, end))).toMatchObject({ code: 'WATCH_SILENT' })
})

test('does not excuse silence long after the end of a fault', () => {
  const journal = reportedBy('control-plane2', silent)
  expect(verdictOf('API-16', withFault(journal, 'etcd', from, from + 1_000))).toMatchObject({ code: 'WATCH_SILENT' })
})

test('is inconclusive with its figures when the whole host was late', () => {
  const attempt = (place: string): JournalRecord => ({
    kind: 'attempt',
    at: from + 1_000,
    sentAt: from + 1_000 + 3 * limit,
    endedAt: from + 1_000 + 3 * limit,
    from: place,
    to: '10.96.0.9:80',
    service: 'x/web',
    protocol: 'tcp',
    ok: true,
  })
  const journal = reportedBy('control-plane1', later)
  const noisy = [...journal.slice(0, -1), attempt('worker1'), attempt('worker2'), ...journal.slice(-1)]
  expect(verdictOf('API-16', noisy)).toMatchObject({
    status: 'inconclusive',
    code: 'HOST_NOISE',
    values: { hostLateMs: 3 * limit },
  })
  const one = [...journal.slice(0, -1), attempt('worker1'), ...journal.slice(-1)]
  expect(verdictOf('API-16', one)).toMatchObject({ code: 'WATCH_LATE' })
})

test('is inconclusive for a second API server without watches, and not exercised with a single API server', () => {
  const one = edited(killScheduler(), 'watch', (record) => (record.source === 'control-plane2' ? undefined : record))
  expect(verdictOf('API-16', one)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  const single = edited(one, 'cluster', (cluster) => ({
    ...cluster,
    machines: cluster.machines.filter(({ name }) => name !== 'control-plane2'),
  }))
  const verdict = judgeJournal(single).find(({ contract }) => contract === 'API-16')
  expect(verdict).toMatchObject({ status: 'not-exercised' })
})
