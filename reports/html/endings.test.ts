import { expect, test } from 'vitest'
import { runFacts } from '../facts/run-facts.ts'
import { poisoned } from '../testing/hostile.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { syntheticVerdict } from '../testing/synthetic-verdicts.ts'
import { buildPage } from './page.ts'

/* Waits and outcomes of scenarios, and harness errors. */

const journal = new SyntheticJournal().run({ scenarios: ['waits', 'throws', 'never-begun'] })
journal.add({ kind: 'rig', message: 'the agent of worker1 is lost' }).scenario('waits', (run) => {
  const wait = { kind: 'observation', condition: 'web has 6 ready replicas', lastSeen: '6 ready' } as const
  run.add({ ...wait, satisfied: true, afterMs: 3_000 }).wait(3_000)
  const never = { ...wait, condition: 'etcd1 is a member again', lastSeen: 'it is gone' }
  run.add({ ...never, satisfied: false, afterMs: 30_000 }).wait(30_000)
})
journal.add({ kind: 'scenario', name: 'throws', edge: 'start' }).wait(10)
const early = { outcome: 'script-error', reason: 'cannot read x', where: 'throws.ts:12' } as const
journal.add({ kind: 'scenario', name: 'throws', edge: 'end', ...early })
const verdicts = [syntheticVerdict({ scenario: 'waits' })]
const page = buildPage(runFacts(journal.records), verdicts)
const listUnder = (title: string): string[] => {
  const [, list = ''] = page.match(new RegExp(`<strong>${title}</strong><ul>(.*?)</ul>`, 's')) ?? []
  return [...list.matchAll(/<li>(.*?)<\/li>/gs)].map(([, text = '']) => text)
}

test('harness errors and scenarios that ended early are separate lists; the latter have reason, file and line', () => {
  expect(listUnder('Harness errors')).toEqual(['the agent of worker1 is lost'])
  expect(listUnder('Scenarios that ended early')).toEqual([
    'throws: script-error at throws.ts:12: cannot read x',
    expect.stringMatching(/^never-begun: not-begun: /),
  ])
  expect(page).toContain('<p><code>throws.ts:12</code>: cannot read x</p>')
})

test.each(['completed', 'not-applicable'] as const)('a scenario that ended as %s is in neither list', (outcome) => {
  const one = new SyntheticJournal().run().add({ kind: 'scenario', name: 'waits', edge: 'start' }).wait(10)
  one.add({ kind: 'scenario', name: 'waits', edge: 'end', outcome, reason: 'so it is' })
  const html = buildPage(runFacts(one.records), verdicts)
  expect(html).not.toMatch(/<strong>(Harness errors|Scenarios that ended early)/)
})

test('each scenario lists its waits; those that were not satisfied come first and are visible', () => {
  const [, section = ''] = page.match(/<section id="recording-1-waits">(.*?)<\/section>/s) ?? []
  const [, open, rows = ''] =
    section.match(/<details( open)?><summary>Waits for the cluster.*?<tbody>(.*?)<\/tbody>/s) ?? []
  expect(open).toBeDefined()
  expect([...rows.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) => row.replace(/(<[^>]+>)+/g, '|'))).toEqual([
    expect.stringContaining('|not satisfied|30 s|etcd1 is a member again|it is gone|'),
    expect.stringContaining('satisfied'),
  ])
})

test('each wait has a mark on the timeline at its end, an alarm if it was not satisfied', () => {
  const [, svg = ''] = page.match(/<svg class="timeline"(.*?)<\/svg>/s) ?? []
  expect(svg).toMatch(
    /etcd1 is a member again: not satisfied after 30 s; last observed: it is gone<\/title><path class="t-alarm"/,
  )
  expect(svg).toMatch(
    /web has 6 ready replicas: satisfied after 3 s; last observed: 6 ready<\/title><path class="t-note"/,
  )
})

test('hostile text adds no element', () => {
  const tags = (html: string) => new Set(html.match(/<[a-z][a-z0-9]*/g))
  const poisonedPage = buildPage(runFacts(poisoned(journal.records)), poisoned(verdicts))
  expect(poisonedPage).toContain('throws.ts:12&lt;script>')
  expect(poisonedPage).toContain('it is gone&lt;script>')
  expect(tags(poisonedPage)).toEqual(tags(page))
  expect(poisonedPage.isWellFormed()).toBe(true)
})
