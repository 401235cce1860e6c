import { expect, test } from 'vitest'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import { runFacts } from '../facts/run-facts.ts'
import { poisoned } from '../testing/hostile.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { syntheticRun } from '../testing/synthetic-run.ts'
import { everyVerdict, syntheticDrawing, syntheticVerdict } from '../testing/synthetic-verdicts.ts'
import { countStatuses } from '../text/statuses.ts'
import { answer } from './headline.ts'
import { buildPage } from './page.ts'

const journal = syntheticRun(2000)
const pageOf = (records: readonly JournalRecord[], verdicts: readonly Verdict[]) =>
  buildPage(runFacts(records), verdicts)
const page = pageOf(journal, everyVerdict(1_015_000))
const tags = (html: string) => html.match(/<[a-z][a-z0-9]*/g) ?? []

test('the first screen has the result, the run and the command that repeats it', () => {
  expect(page).toContain('<h1>The cluster broke or kept late 2 of 7 promises.</h1>')
  for (const fact of ['2026-01-02-brave-otter', '2026-01-02 03:04:05 UTC', 'kubernetes v1.37.2', '42'])
    expect(page).toContain(fact)
  expect(page).toContain('<code class="replay">npm start -- --seed 42</code>')
})

test.each([
  [[], 'No promise was judged: this run is no evidence about the cluster.'],
  [['not-applicable'], 'No promise was judged: this run is no evidence about the cluster.'],
  [['pass'], 'The cluster kept the one promise judged.'],
  [['pass', 'pass'], 'The cluster kept all 2 promises judged.'],
  [['pass', 'fail'], 'The cluster broke 1 of 2 promises.'],
  [['pass', 'late'], 'The cluster kept 1 of 2 promises late.'],
  [['pass', 'invalid', 'inconclusive'], 'Inconclusive: 2 of 3 promises could not be judged.'],
  [['pass', 'known'], 'The cluster kept its promises, except for 1 known deviation.'],
] as const)('the headline of %j is: %s', (statuses, sentence) => {
  expect(answer(countStatuses(statuses.map((status) => ({ status }))), true)).toBe(sentence)
})

test('the headline of an incomplete run does not claim that everything was kept', () => {
  const counts = countStatuses([{ status: 'pass' }, { status: 'pass' }])
  expect(answer(counts, false)).toBe('The run is incomplete. In the recorded part, the cluster kept 2 promises.')
})

test('the page shows for each distribution which components a fault can target separately', () => {
  expect(page).toContain('Components that faults can target separately')
  expect(page).toMatch(/<code>kubelet<\/code><\/td><td>yes<\/td><td>no: it is one process with kube-proxy/)
})

test('a promise that two scenarios exercised counts once', () => {
  const verdicts = [
    syntheticVerdict(),
    syntheticVerdict({ scenario: 'drain-node', status: 'fail' }),
    syntheticVerdict({ contract: 'CM-01' }),
  ]
  expect(pageOf(journal, verdicts)).toContain('<h1>The cluster broke 1 of 2 promises.</h1>')
})

test('each verdict is a row, failures first, with words in addition to colour', () => {
  const rows = [...page.matchAll(/<tr class="promise" id="[^"]+" data-status="([a-z-]+)">(.*?)<\/tr>/gs)]
  expect(rows.map(([, status]) => status)).toEqual([
    'fail',
    'late',
    'invalid',
    'inconclusive',
    'known',
    'pass',
    'pass',
    'not-applicable',
  ])
  expect(rows[0]?.[2]).toContain('✗</i>fail')
  expect(rows[1]?.[2]).toMatch(/≤ 25 s.*leaseDuration 15s \+ 2 x retryPeriod.*25 % over/s)
  expect(rows[5]?.[2]).toContain('href="https://kubernetes.io/docs/concepts/architecture/leases/"')
})

test('a history that breaks a promise is drawn below its row, with the contradicting operations marked', () => {
  const drawn = [...page.matchAll(/<tr class="promise drawn" data-status="fail">(.*?)<\/tr>/gs)]
  expect(drawn).toHaveLength(1)
  const [, svg = ''] = drawn[0] ?? []
  expect(svg.match(/<rect class="h-/g)).toHaveLength(4)
  expect(svg).toContain(
    'aria-label="The smallest part of the history that breaks ETCD-03: 4 operations of 3 clients in 50.0 ms"',
  )
  for (const words of ['writer', 'reader', 'patch k=new by writer: ok at 6', '50.0 ms']) expect(svg).toContain(words)
  expect(svg.match(/class="h-(write|read) h-shows"/g)).toHaveLength(2)
  expect(pageOf(journal, [syntheticVerdict()])).not.toContain('<tr class="promise drawn"')
})

test('of a history that could not be reduced, the page draws the first operations and counts the others', () => {
  const [lane] = syntheticDrawing.lanes
  const bars = Array.from({ length: 500 }, () => lane?.bars[0]).filter((bar) => bar !== undefined)
  const drawing = { spanMs: 9, lanes: [{ client: 'writer', bars }] }
  const html = pageOf(journal, [syntheticVerdict({ status: 'fail', drawing })])
  expect(html.match(/<rect class="h-/g)).toHaveLength(80)
  expect(html).toContain('420 more are not drawn')
})

test('each scenario has one timeline and its evidence', () => {
  expect(page.match(/<svg class="timeline"/g)).toHaveLength(3)
  expect(page).toContain('kubectl drain worker1 --ignore-daemonsets')
  expect(page.match(/<figcaption>/g)).toHaveLength(12)
  expect(page).toContain('leaderElection.leaseDuration')
})

test('each row leads to its scenario', () => {
  expect(page).toContain('<a href="#recording-1-kill-scheduler">kill-scheduler</a>')
  expect(page).toContain('<section id="recording-1-kill-scheduler">')
})

test('the page makes no requests', () => {
  expect(page).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', "'"))
  expect(page).not.toMatch(/<(link|img|iframe|object|embed|base|form)\b|@import|url\(|\ssrc=|\sstyle=|\son[a-z]+=/i)
  expect(page.match(/<script/g)).toHaveLength(1)
  expect(
    [...page.matchAll(/href="([^"]*)"/g)].every(([, address]) => /^(#|https:\/\/kubernetes\.io\/)/.test(address ?? '')),
  ).toBe(true)
})

test('hostile text adds no element and no active content', () => {
  const records = poisoned(journal)
  const poisonedPage = pageOf(records, poisoned(everyVerdict(1_015_000)))
  expect(poisonedPage).toContain('&lt;script>alert(1)')
  expect(new Set(tags(poisonedPage))).toEqual(new Set(tags(page)))
  expect(poisonedPage.match(/<script/g)).toHaveLength(1)
  expect(poisonedPage).not.toMatch(/<[^>]*\son[a-z]+=[^>"]*>/)
  expect(poisonedPage).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  expect(poisonedPage.isWellFormed()).toBe(true)
})

test('a reference that is not a web address becomes no link', () => {
  const html = pageOf(journal, [syntheticVerdict({ reference: 'javascript:alert(1)' })])
  expect(html).not.toContain('href="javascript')
})

test('a run whose cluster never became ready has a page with the reason', () => {
  const html = pageOf(
    new SyntheticJournal().run().add({ kind: 'rig', message: 'kube-apiserver@control-plane1 did not start' }).records,
    [],
  )
  expect(html).toContain('No promise was judged')
  expect(html).toContain('kube-apiserver@control-plane1 did not start')
  expect(html).toContain('The cluster never became ready.')
})

test('the page of 200,000 records is small', () => {
  const many = syntheticRun(13)
  expect(many.length).toBeGreaterThan(195_000)
  expect(pageOf(many, everyVerdict(1_015_000)).length).toBeLessThan(1_000_000)
})
