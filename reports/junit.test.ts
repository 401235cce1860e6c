import { expect, test } from 'vitest'
import { buildJunit } from './junit.ts'
import { runFacts } from './run-facts.ts'
import { hostile, poisoned } from './testing/hostile.ts'
import { syntheticRun } from './testing/synthetic-run.ts'
import { everyVerdict } from './testing/synthetic-verdicts.ts'

const journal = syntheticRun(5000)
const xml = buildJunit(runFacts(journal), everyVerdict())

test('one suite a scenario, one case a contract, with the counts that build servers add up', () => {
  expect(xml).toContain(
    '<testsuites name="holdfast 2026-01-02-brave-otter" tests="8" failures="2" errors="2" skipped="2">',
  )
  expect([...xml.matchAll(/<testsuite name="([^"]+)"/g)].map(([, name]) => name)).toEqual([
    'kill-scheduler',
    'partition-etcd',
    'drain-node',
  ])
  expect(xml.match(/<testcase /g)).toHaveLength(8)
})

test.each([
  ['SCHED-14', /^(?!.*<(failure|error|skipped))/s],
  ['ETCD-03', /<failure message="Writes w-17[^"]*" type="fail"\/>/],
  ['SCHED-02', /<failure message="All pods[^"]*" type="late"\/>/],
  ['NODE-02', /<error message="The moment[^"]*" type="inconclusive"/],
  ['KLET-07', /<error message="No container[^"]*" type="invalid"/],
  ['NODE-09', /<skipped\/>.*reason: kubernetes#135205/s],
  ['CM-01', /<skipped\/>.*reason: Nothing was to be reconciled/s],
])('%s is told as what it is', (contract, expected) => {
  const found = xml.split('<testcase ').find((part) => part.includes(`name="${contract} `))
  expect(found?.split('</testcase>')[0]).toMatch(expected)
})

test('a suite says when it began and how to do it again', () => {
  expect(xml).toMatch(/name="kill-scheduler" timestamp="2026-01-02T03:04:18" time="58\.\d+"/)
  expect(xml).toContain('<property name="replay" value="npm start -- --seed 42"/>')
})

test('hostile text stays text: the XML has no more elements than without it', () => {
  const poisonedXml = buildJunit(runFacts(poisoned(journal)), poisoned(everyVerdict()))
  const tags = (text: string) =>
    [...text.replace(/<!\[CDATA\[.*?\]\]>/gs, '').matchAll(/<([a-z-]+)/g)]
      .map(([, tag]) => tag)
      .filter((tag) => tag !== undefined)
  expect(new Set(tags(poisonedXml))).toEqual(new Set(tags(xml)))
  expect(poisonedXml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/)
  expect(poisonedXml.isWellFormed()).toBe(true)
  expect(hostile.isWellFormed()).toBe(false)
})
