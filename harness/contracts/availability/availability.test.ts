import { describe, expect, test } from 'vitest'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { killScheduler, partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Attempt = RecordOf<'attempt'>

/** The scheduler sound with probes of `web` from 20 s to 80 s, and with what `before` adds. */
function probed(before: (builder: JournalBuilder) => unknown = () => undefined): JournalRecord[] {
  const sound = killScheduler((builder) => {
    builder.probes(20_000, 80_000, () => 'web-1')
    before(builder)
  })
  return edited(sound, 'attempt', (record) => (record.at < start + 20_000 ? undefined : record))
}

/** Attempts of one place that fail where `fails`, with a class for each protocol. */
function failing(
  journal: readonly JournalRecord[],
  fails: (t: number, n: number) => boolean,
  errorClass: Attempt['errorClass'] = 'no-connection',
  fits: (record: Attempt) => boolean = ({ from, protocol }) => from === 'worker2' && protocol === 'tcp',
): JournalRecord[] {
  let n = 0
  return edited(journal, 'attempt', ({ backend, ...record }) => {
    const lost = fits(record) && fails(record.at - start, n++)
    if (lost) return { ...record, ok: false, error: 'lost', errorClass, endedAt: record.at + 900 }
    return backend === undefined ? record : { ...record, backend }
  })
}

/** A host whose timers are late for a time. */
function noisy(journal: readonly JournalRecord[], from: number, until: number): JournalRecord[] {
  const late: JournalRecord[] = []
  for (let t = from + 2_000; t <= until; t += 2_000) {
    late.push({ kind: 'host', at: start + t, everyMs: 2_000, latestMs: 700, cores: 2 })
  }
  const end = journal.findLastIndex(({ kind }) => kind === 'scenario')
  return journal.toSpliced(end, 0, ...late)
}

/** A cluster that takes long for every answer. */
function slow(journal: readonly JournalRecord[]): JournalRecord[] {
  return edited(journal, 'attempt', (record) => (record.ok ? { ...record, endedAt: record.at + 700 } : record))
}

const quarter = (_: number, n: number): boolean => n % 4 === 0

describe('PROXY-13', () => {
  test('passes where every probe was answered, and counts them', () => {
    expect(verdictOf('PROXY-13', probed())).toMatchObject({
      status: 'pass',
      code: 'AVAILABLE',
      values: { failed: 0, doubtful: 0 },
    })
  })

  test('fails for a Node that loses a quarter of its connections', () => {
    expect(verdictOf('PROXY-13', failing(probed(), quarter))).toMatchObject({
      status: 'fail',
      code: 'TRIES_FAILED',
      values: { what: 'hf-kill-scheduler/web from worker2 tcp' },
    })
  })

  test('fails for a gap that is longer than a retransmission', () => {
    const gap = failing(probed(), (t) => t >= 73_000 && t < 74_600)
    expect(verdictOf('PROXY-13', gap)).toMatchObject({
      status: 'fail',
      code: 'UNAVAILABLE',
      values: { longestMs: 1_400 },
    })
    expect(
      verdictOf(
        'PROXY-13',
        failing(probed(), (t) => t >= 73_000 && t < 73_400),
      ).status,
    ).toBe('pass')
  })

  test('judges an outage that begins in the grace after a change from the end of the grace', () => {
    const changed = probed((builder) => builder.slice(75_000, 'web', { 'web-1': 'worker1', 'web-2': 'worker2' }))
    expect(
      verdictOf(
        'PROXY-13',
        failing(changed, (t) => t >= 75_100 && t < 79_000),
      ).status,
    ).toBe('pass')
    const early = probed((builder) => builder.slice(66_500, 'web', { 'web-1': 'worker1', 'web-2': 'worker2' }))
    expect(
      verdictOf(
        'PROXY-13',
        failing(early, (t) => t >= 66_600 && t < 80_000),
      ),
    ).toMatchObject({
      status: 'fail',
      code: 'UNAVAILABLE',
    })
  })

  test('is inconclusive with figures where host noise may explain every failure, and fails where it does not', () => {
    const soft = failing(probed(), quarter, 'no-answer')
    expect(verdictOf('PROXY-13', soft)).toMatchObject({ status: 'fail', code: 'TRIES_FAILED' })
    expect(verdictOf('PROXY-13', noisy(soft, 20_000, 80_000))).toMatchObject({
      status: 'inconclusive',
      code: 'HOST_NOISE',
      values: { hostLateMs: 21_000 },
    })
    // A cluster that answers slowly is no busy host.
    expect(verdictOf('PROXY-13', slow(soft)).code).toBe('TRIES_FAILED')
    // The kernel makes connections by itself: a busy host does not explain one that is not made.
    expect(verdictOf('PROXY-13', noisy(failing(probed(), quarter), 20_000, 80_000)).code).toBe('TRIES_FAILED')
    // Noise for a part of the time does not hide what the rest shows.
    expect(verdictOf('PROXY-13', noisy(soft, 20_000, 40_000)).code).toBe('TRIES_FAILED')
  })

  test('promises nothing while a fault may lose packets, and of a Service without ready endpoints', () => {
    const hit = probed((builder) => builder.fault('f9', 'impair', { machines: ['worker2'] }, 19_000, 81_000))
    expect(verdictOf('PROXY-13', failing(hit, quarter)).code).toBe('STIMULUS_ABSENT')
    const none = probed((builder) => builder.slice(19_500, 'web', {}))
    const empty = edited(none, 'watch', (record) =>
      record.resource === 'endpointslices' && record.at > start + 20_000 ? undefined : record,
    )
    expect(verdictOf('PROXY-13', failing(empty, quarter)).code).toBe('STIMULUS_ABSENT')
  })

  test('is inconclusive where attempts are missing that no prober recorded as not made', () => {
    const cut = edited(probed(), 'attempt', (record) =>
      record.from === 'worker1' && record.at > start + 72_000 && record.at < start + 76_000 ? undefined : record,
    )
    expect(verdictOf('PROXY-13', cut)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
  })

  test('fails for a sample with more unanswered connections than are allowed', () => {
    const lossy = edited(killScheduler(), 'sample', (record) =>
      record.from === 'worker2' ? { ...record, failed: 30, attempts: record.attempts + 30 } : record,
    )
    expect(verdictOf('PROXY-13', lossy)).toMatchObject({ status: 'fail', code: 'TRIES_FAILED', values: { failed: 30 } })
  })
})

describe('API-15', () => {
  /** Probes of an API server by itself, from outside. */
  const api = (
    fails: (t: number) => boolean,
    before: (builder: JournalBuilder) => unknown = () => undefined,
  ): JournalRecord[] =>
    killScheduler((builder) => {
      before(builder)
      for (let t = 20_000; t < 80_000; t += 100) {
        const about = { from: 'outside', to: '127.0.0.1:40001', service: 'apiserver@control-plane2' } as const
        const ok = !fails(t)
        const result = ok ? { ok, backend: 'ok' } : { ok, error: 'lost', errorClass: 'no-connection' as const }
        builder.add(t, {
          kind: 'attempt',
          endedAt: start + t + 5,
          protocol: 'tcp',
          target: 'api-server',
          ...about,
          ...result,
        })
      }
    })

  test('judges each API server by itself outside of faults', () => {
    const what = 'apiserver@control-plane2 from outside tcp api-server'
    expect(
      verdictOf(
        'API-15',
        api(() => false),
      ),
    ).toMatchObject({ status: 'pass', code: 'AVAILABLE' })
    expect(
      verdictOf(
        'API-15',
        api((t) => t % 400 === 0),
      ),
    ).toMatchObject({
      status: 'fail',
      code: 'TRIES_FAILED',
      values: { what },
    })
    const down = (t: number): boolean => t >= 30_000 && t < 33_000
    expect(verdictOf('API-15', api(down))).toMatchObject({ status: 'fail', code: 'UNAVAILABLE', values: { what } })
    const killed = (machine: string) => (builder: JournalBuilder) =>
      builder.fault('f9', 'kill', { machines: [machine], component: 'kube-apiserver' }, 29_900, 33_000)
    expect(verdictOf('API-15', api(down, killed('control-plane2'))).status).toBe('pass')
    expect(verdictOf('API-15', api(down, killed('control-plane1'))).code).toBe('UNAVAILABLE')
  })
})

describe('ETCD-12', () => {
  const silent = (from: number, until: number): JournalRecord[] =>
    edited(partitionEtcd(), 'etcd', (record) => {
      const { kind, at, member } = record
      const inside = member === 'etcd2' && at >= start + from && at < start + until
      return inside ? { kind, at, member, answered: false, error: 'connect ECONNREFUSED' } : record
    })

  test('fails for a member that does not answer, and for writes that are not confirmed, outside of faults', () => {
    expect(verdictOf('ETCD-12', partitionEtcd())).toMatchObject({ status: 'pass', code: 'AVAILABLE' })
    expect(verdictOf('ETCD-12', silent(2_000, 5_000))).toMatchObject({
      status: 'fail',
      code: 'UNAVAILABLE',
      values: { what: 'status of etcd2' },
    })
    expect(verdictOf('ETCD-12', silent(12_000, 15_000)).status).toBe('pass')
    const refused = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd3' && record.at < start + 9_000 ? { ...record, outcome: 'refused' as const } : record,
    )
    expect(verdictOf('ETCD-12', refused)).toMatchObject({
      status: 'fail',
      code: 'UNAVAILABLE',
      values: { what: 'writes to etcd3' },
    })
  })
})
