import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-story.ts'
import { packets, rulesChanged, to } from '../../judge/testing/changed-proxy-story.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

test('PROXY-01 is broken by one rule that is missing, and says which', () => {
  const gone = (text: string): string => text.replace(/^-A KUBE-SERVICES -d 10\.96\.1\.1\/32 -p tcp .*\n/m, '')
  expect(verdictOf('PROXY-01', rulesChanged('worker2', gone))).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(
      /hf-kube-proxy-rules\/web:tcp \(tcp 80\) on worker2: a tcp packet from a pod .* to 10\.96\.1\.1:80 never goes to 10\.244\.9\.1:8080 \(none in KUBE-SERVICES\)/,
    ),
  })
})

test('PROXY-01 says since when a chance has been another one', () => {
  const story = kubeProxyRules()
  const looks = story.flatMap((one) => (one.kind === 'rules' && one.machine === 'worker2' ? [one] : []))
  const texts = new Map(looks.flatMap(({ hash, text }) => (text === undefined ? [] : [[hash, text]])))
  const [before, first] = looks.slice(3).map(({ at }) => at)
  if (before === undefined || first === undefined) throw new Error('the story has too few looks')
  const changed = edited(story, 'rules', (look) => {
    if (look.machine !== 'worker2' || look.at < first) return look
    const text = texts.get(look.hash)?.replace(/(-A KUBE-SVC-.*--probability) 0\.\d+/, '$1 0.9') ?? ''
    return { ...look, hash: `${look.hash}, changed`, text }
  })
  const seconds = (at: number): string => `${(at - start) / 1_000} s`
  expect(verdictOf('PROXY-01', changed).reason).toMatch(
    new RegExp(
      ` in \\d+ % instead of [\\d.]+ % \\(rule \\d of KUBE-SVC-\\S+\\), since between ${seconds(before)} and ${seconds(first)} after the beginning\\.$`,
    ),
  )
})

test('PROXY-01 is broken by packets that go elsewhere than the rules say', () => {
  expect(verdictOf('PROXY-01', packets(to('published'), { backend: 'web-1' })).reason).toMatch(
    /^The rules look as asked, and packets say otherwise\. .* was answered by web-1, and unready-1 should\.$/,
  )
  const stray = edited(kubeProxyRules(), 'attempt', (one) =>
    one.from === 'worker2' && one.at === start + 5_100 ? { ...one, backend: 'edge-1' } : one,
  )
  expect(verdictOf('PROXY-01', stray)).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(/was answered by edge-1, to which nothing sent it/),
  })
})

test('PROXY-01 is broken where packets go nowhere for longer than rules may be behind, and not before', () => {
  const silent = (seconds: number): JournalRecord[] =>
    edited(kubeProxyRules(), 'attempt', (one) => {
      const inside = one.at >= start + 14_000 && one.at < start + 14_000 + seconds * 1_000
      const { backend: _, ...lost } = { ...one, ok: false, errorClass: 'no-answer' as const, error: 'no answer' }
      return one.from === 'worker2' && inside ? lost : one
    })
  expect(verdictOf('PROXY-01', silent(4)).status).toBe('pass')
  expect(verdictOf('PROXY-01', silent(6))).toMatchObject({
    status: 'fail',
    reason: expect.stringMatching(
      /packets say otherwise\. None of \d+ \w+ connections from worker2 to .*\/web was answered in 6(\.\d)? s, and its endpoints were ready all the time\.$/,
    ),
  })
})

test('PROXY-01 is late where a Node goes on with what was asked before', () => {
  const story = kubeProxyRules()
  const own = story.flatMap((record) => (record.kind === 'rules' && record.machine === 'worker3' ? [record] : []))
  const [old] = own
  // What the frozen looks had to tell is told before the scenario, where it is only kept.
  const told = own.flatMap((record) =>
    record.text === undefined ? [] : [{ ...record, at: start - 1, endedAt: start - 1 }],
  )
  const frozen = edited(story, 'rules', ({ text: _, ...record }) =>
    record.machine === 'worker3' && record.at > start + 8_000 && record.at < start + 21_500
      ? { ...record, hash: old?.hash ?? '' }
      : { ...record, ...(_ === undefined ? {} : { text: _ }) },
  )
  const begin = frozen.findIndex(({ kind }) => kind === 'scenario')
  expect(verdictOf('PROXY-01', frozen.toSpliced(begin, 0, ...told))).toMatchObject({
    status: 'late',
    bound: { limit: 5_000 },
    // Seen at 21 s, and asked otherwise since 8 s.
    measured: 13_000,
    reason: expect.stringContaining('What was asked had been so for 13 s and was not in force: hf-kube-proxy-rules/'),
  })
})

test('PROXY-01 is undecided where nobody looked or watched', () => {
  const unseen = edited(kubeProxyRules(), 'rules', (record) => (record.machine === 'worker3' ? undefined : record))
  expect(verdictOf('PROXY-01', unseen)).toMatchObject({
    status: 'inconclusive',
    reason: 'Nobody looked at the rules of worker3.',
  })
  const blind = kubeProxyRules(({ script }) => {
    for (const source of ['control-plane1', 'control-plane2']) {
      script.add(9_000, { kind: 'gap', source, resource: 'endpointslices', until: start + 9_500, reason: 'cut' })
    }
  })
  expect(verdictOf('PROXY-01', blind).status).toBe('inconclusive')
})
