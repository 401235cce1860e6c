import { expect, test } from 'vitest'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import { runFacts } from '../facts/run-facts.ts'
import { hostile, poisoned } from '../testing/hostile.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { syntheticVerdict } from '../testing/synthetic-verdicts.ts'
import { buildPage } from './page.ts'

const journal = new SyntheticJournal().run()
for (const name of ['kill-scheduler', 'drain-node', 'drain-node']) journal.scenario(name, (run) => run.wait(10))
const idle = { status: 'not-exercised', code: 'NOT_EXERCISED' } as const
const verdicts: Verdict[] = [
  syntheticVerdict(),
  syntheticVerdict({
    scenario: 'drain-node',
    repetition: 1,
    status: 'late',
    code: 'TAKEOVER_LATE',
    lines: [3, 4, 5, 9],
  }),
  syntheticVerdict({ scenario: 'drain-node', repetition: 2 }),
  syntheticVerdict({ contract: 'NODE-02', ...idle }),
  ...[1, 2].map((repetition) => syntheticVerdict({ contract: 'NODE-02', scenario: 'drain-node', repetition, ...idle })),
]
const pageOf = (of: readonly Verdict[] = verdicts, records = journal.records): string =>
  buildPage(runFacts(records), of)
const page = pageOf()
const cells = (html: string) => [...html.matchAll(/<td data-status="([a-z-]+)"[^>]*>(.*?)<\/td>/gs)]

test('the matrix has a cell for every contract on every recording, with a word for screen readers', () => {
  const bodies = [...page.matchAll(/<tbody>(.*?)<\/tbody>/gs)].slice(0, 2).map(([, body = '']) => body)
  // The last cell of a row is the worst verdict.
  expect(bodies.map((body) => cells(body).map(([, status]) => status))).toEqual([
    ['pass', 'late', 'pass', 'late'],
    ['not-exercised', 'not-exercised', 'not-exercised', 'not-exercised'],
  ])
  expect(cells(bodies[0] ?? '')[1]?.[2]).toMatch(/<i aria-hidden="true">◷<\/i><span class="unseen">late<\/span>/)
  expect(bodies[0]).toContain('title="SCHED-14 on drain-node (1): late, TAKEOVER_LATE"')
})

test('each cell of an exercised verdict links to its row, and every link on the page has one target', () => {
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
  expect(targets.filter((target) => !ids.includes(target))).toEqual([])
  expect(targets).toContain('recording-3-drain-node-SCHED-14')
})

test('only exercised verdicts are listed, with code and journal lines; the rest is counted', () => {
  const rows = [...page.matchAll(/<tr class="promise"[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) => row)
  expect(rows).toHaveLength(3)
  expect(rows[0]).toContain('<code class="why">TAKEOVER_LATE</code>')
  expect(rows[0]).toContain('journal.ndjson, lines 3–5, 9')
  expect(page).toContain('Not listed: 3 verdicts not exercised')
  expect(page).toContain('<h1>The cluster kept 1 of 1 promise late.</h1>')
  expect(page).toContain('Promises: 1 late. 1 not exercised.')
})

test('contracts whose ids differ only in special characters have separate rows', () => {
  const odd = pageOf(['A B', 'A_B', 'A.B'].map((contract) => syntheticVerdict({ contract })))
  const ids = [...odd.matchAll(/<tr class="promise" id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(3)
})

test('hostile names and codes add no element to matrix and rows', () => {
  const tags = (html: string) => new Set(html.match(/<[a-z][a-z0-9]*/g))
  const poisonedPage = pageOf(poisoned(verdicts), poisoned(journal.records))
  expect(poisonedPage).toContain('TAKEOVER_LATE&lt;script>alert(1)')
  expect(tags(poisonedPage)).toEqual(tags(page))
  expect(poisonedPage).not.toMatch(/<[^>]*\son[a-z]+=[^>"]*>/)
  expect(poisonedPage.isWellFormed()).toBe(true)
  expect(hostile.isWellFormed()).toBe(false)
})
