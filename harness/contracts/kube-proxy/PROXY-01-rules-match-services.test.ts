import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-sample.ts'
import { packets, rulesChanged, to } from '../../judge/testing/changed-proxy-sample.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

test('PROXY-01 fails for one missing rule, and names it', () => {
  const gone = (text: string): string => text.replace(/^-A KUBE-SERVICES -d 10\.96\.1\.1\/32 -p tcp .*\n/m, '')
  expect(verdictOf('PROXY-01', rulesChanged('worker2', gone))).toMatchObject({
    status: 'fail',
    code: 'RULES_NEVER_ASKED',
    values: {
      machine: 'worker2',
      service: 'hf-kube-proxy-rules/web:tcp (tcp 80)',
      what: 'never goes to 10.244.9.1:8080',
      rule: 'none in KUBE-SERVICES',
    },
  })
})

test('PROXY-01 reports since when a probability differs', () => {
  const sound = kubeProxyRules()
  const snapshots = sound.flatMap((one) => (one.kind === 'rules' && one.machine === 'worker2' ? [one] : []))
  const texts = new Map(snapshots.flatMap(({ hash, text }) => (text === undefined ? [] : [[hash, text]])))
  const [before, first] = snapshots.slice(3).map(({ at }) => at)
  if (before === undefined || first === undefined) throw new Error('the sample journal has too few rule snapshots')
  const changed = edited(sound, 'rules', (snapshot) => {
    if (snapshot.machine !== 'worker2' || snapshot.at < first) return snapshot
    const text = texts.get(snapshot.hash)?.replace(/(-A KUBE-SVC-.*--probability) 0\.\d+/, '$1 0.9') ?? ''
    return { ...snapshot, hash: `${snapshot.hash}, changed`, text }
  })
  expect(verdictOf('PROXY-01', changed)).toMatchObject({
    code: 'RULES_NEVER_ASKED',
    values: {
      what: expect.stringMatching(/ in \d+ % instead of /),
      rule: expect.stringMatching(/^rule \d of KUBE-SVC-/),
      unseenMs: before - start,
      seenMs: first - start,
    },
  })
})

test('PROXY-01 fails for packets that reach another endpoint than the rules require', () => {
  expect(verdictOf('PROXY-01', packets(to('published'), { backend: 'web-1' }))).toMatchObject({
    status: 'fail',
    code: 'ANSWERED_ELSEWHERE',
    values: { backend: 'web-1', due: ['unready-1'] },
  })
  const stray = edited(kubeProxyRules(), 'attempt', (one) =>
    one.from === 'worker2' && one.at === start + 5_100 ? { ...one, backend: 'edge-1' } : one,
  )
  expect(verdictOf('PROXY-01', stray)).toMatchObject({
    status: 'fail',
    code: 'STRAY_ANSWER',
    values: { from: 'worker2', backend: 'edge-1', answers: 4 },
  })
})

test('PROXY-01 is inconclusive where a stray answer comes from an endpoint that is listed later, within the delay of the host', () => {
  const stray = (backend: string, latestMs: number): JournalRecord[] => {
    const journal = edited(kubeProxyRules(), 'attempt', (one) =>
      one.from === 'worker2' && one.at === start + 1_500 && one.service.endsWith('/web') ? { ...one, backend } : one,
    )
    const host = { kind: 'host', at: start + 3_000, everyMs: 2_000, latestMs, cores: 2 } as const
    return journal.toSpliced(
      journal.findLastIndex(({ kind }) => kind === 'scenario'),
      0,
      host,
    )
  }
  expect(verdictOf('PROXY-01', stray('web-4', 2))).toMatchObject({ status: 'fail', code: 'STRAY_ANSWER' })
  expect(verdictOf('PROXY-01', stray('web-4', 2_000))).toMatchObject({
    status: 'inconclusive',
    code: 'HOST_NOISE',
    values: { finding: 'STRAY_ANSWER', backend: 'web-4', hostLateMs: 2_000 },
  })
  expect(verdictOf('PROXY-01', stray('edge-1', 2_000))).toMatchObject({ status: 'fail', code: 'STRAY_ANSWER' })
})

test('PROXY-01 fails where packets get no answer for longer than rules may be behind, and not before', () => {
  const silent = (seconds: number, cause: 'no-connection' | 'no-answer' = 'no-connection'): JournalRecord[] =>
    edited(kubeProxyRules(), 'attempt', (one) => {
      const inside = one.at >= start + 14_000 && one.at < start + 14_000 + seconds * 1_000
      const errorClass = one.protocol === 'tcp' ? cause : 'no-answer'
      const { backend: _, ...lost } = { ...one, ok: false, errorClass, error: cause }
      return one.from === 'worker2' && inside ? lost : one
    })
  expect(verdictOf('PROXY-01', silent(4)).status).toBe('pass')
  // Established connections prove that the rules let packets through: the endpoints are busy.
  expect(verdictOf('PROXY-01', silent(6, 'no-answer')).status).toBe('pass')
  expect(verdictOf('PROXY-01', silent(6))).toMatchObject({
    status: 'fail',
    code: 'SERVICE_SILENT',
    values: { from: 'worker2', service: 'hf-kube-proxy-rules/web' },
  })
})

test('PROXY-01 judges a silence just after a change of endpoints from the end of that grace period', () => {
  const silentUntil = (t: number, busy = ''): JournalRecord[] =>
    edited(kubeProxyRules(), 'attempt', (one) => {
      const { backend: _, ...lost } = { ...one, ok: false, errorClass: 'no-connection' as const, error: 'lost' }
      if (one.from === busy && one.at === start + 14_100 && one.protocol === 'tcp')
        return { ...lost, errorClass: 'no-answer' }
      return one.from === 'worker2' && one.at >= start + 8_100 && one.at < start + t ? lost : one
    })
  expect(verdictOf('PROXY-01', silentUntil(16_000)).status).toBe('pass')
  const silent = { status: 'fail', code: 'SERVICE_SILENT', values: { from: 'worker2' } }
  expect(verdictOf('PROXY-01', silentUntil(19_500))).toMatchObject(silent)
  // That an endpoint is busy for another client excuses nothing.
  expect(verdictOf('PROXY-01', silentUntil(19_500, 'control-plane1'))).toMatchObject(silent)
})

test('PROXY-01 is late where a Node keeps the rules of a former state', () => {
  const sound = kubeProxyRules()
  const own = sound.flatMap((record) => (record.kind === 'rules' && record.machine === 'worker3' ? [record] : []))
  const [old] = own
  // Move the frozen snapshots' text before the scenario, where it is only stored.
  const reported = own.flatMap((record) =>
    record.text === undefined ? [] : [{ ...record, at: start - 1, endedAt: start - 1 }],
  )
  const frozen = edited(sound, 'rules', ({ text: _, ...record }) =>
    record.machine === 'worker3' && record.at > start + 8_000 && record.at < start + 21_500
      ? { ...record, hash: old?.hash ?? '' }
      : { ...record, ...(_ === undefined ? {} : { text: _ }) },
  )
  const begin = frozen.findIndex(({ kind }) => kind === 'scenario')
  expect(verdictOf('PROXY-01', frozen.toSpliced(begin, 0, ...reported))).toMatchObject({
    status: 'late',
    bound: { limit: 5_000 },
    // Recorded at 21 s, while another state is required since 8 s.
    measured: 13_000,
    code: 'RULES_LATE',
    values: { machine: 'worker3', oldMs: 13_000 },
  })
})

test('PROXY-01 passes where one snapshot between right ones shows a former state', () => {
  const sound = kubeProxyRules()
  const own = sound.flatMap((record) => (record.kind === 'rules' && record.machine === 'worker3' ? [record] : []))
  const [old] = own
  const torn = own.find(({ at, text }) => at > start + 14_000 && text === undefined)
  const reported = own.flatMap((record) =>
    record.text === undefined ? [] : [{ ...record, at: start - 1, endedAt: start - 1 }],
  )
  const changed = edited(sound, 'rules', (record) => (record === torn ? { ...record, hash: old?.hash ?? '' } : record))
  const begin = changed.findIndex(({ kind }) => kind === 'scenario')
  const verdict = verdictOf('PROXY-01', changed.toSpliced(begin, 0, ...reported))
  expect(verdict).toMatchObject({ status: 'pass', code: 'RULES_FOLLOW' })
  // The snapshot before was right: the rules were out of date since then at the most.
  expect(verdict.measured).toBeGreaterThan(0)
})

test('PROXY-01 is inconclusive where the rules of a Node were never read, and judges no snapshot without watches', () => {
  const unseen = edited(kubeProxyRules(), 'rules', (record) => (record.machine === 'worker3' ? undefined : record))
  expect(verdictOf('PROXY-01', unseen)).toMatchObject({
    status: 'inconclusive',
    code: 'NOT_READ',
  })
  const blind = kubeProxyRules(({ builder }) => {
    for (const source of ['control-plane1', 'control-plane2']) {
      builder.add(9_000, { kind: 'gap', source, resource: 'endpointslices', until: start + 9_500, reason: 'cut' })
    }
  })
  const snapshotsIn = (journal: readonly JournalRecord[]): number =>
    Number(verdictOf('PROXY-01', journal).values['looks'])
  expect(verdictOf('PROXY-01', blind).status).toBe('pass')
  expect(snapshotsIn(blind)).toBeLessThan(snapshotsIn(kubeProxyRules()))
  const unwatched = edited(kubeProxyRules(), 'watch', (record) =>
    record.resource === 'services' || record.resource === 'endpointslices' ? undefined : record,
  )
  expect(verdictOf('PROXY-01', unwatched)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
})
