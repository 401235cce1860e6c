import { expect, test } from 'vitest'
import { buildJunit } from './junit.ts'
import { runFacts } from './facts/run-facts.ts'
import { hostile, poisoned } from './testing/hostile.ts'
import { SyntheticJournal } from './testing/synthetic-journal.ts'
import { syntheticRun } from './testing/synthetic-run.ts'
import { everyVerdict, syntheticVerdict } from './testing/synthetic-verdicts.ts'

const journal = syntheticRun(5000)
const xml = buildJunit(runFacts(journal), everyVerdict())

test('one suite for each scenario, one case for each contract, with their counts', () => {
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
  [
    'ETCD-03',
    /<failure message="SPLIT_WRITE: A minority of etcd members confirms no write\. Writes w-17[^"]*" type="fail"\/>/,
  ],
  ['SCHED-02', /<failure message="TAKEOVER_IN_TIME: Without a scheduler [^"]* All pods[^"]*" type="late"\/>/],
  ['NODE-02', /<error message="TAKEOVER_IN_TIME: [^"]* The moment[^"]*" type="inconclusive"/],
  ['KLET-07', /<error message="TAKEOVER_IN_TIME: [^"]* No container[^"]*" type="invalid"/],
  ['NODE-09', /<skipped\/>.*reason: kubernetes#135205/s],
  ['CM-01', /<skipped\/>.*reason: Nothing was to be reconciled/s],
])('the case of %s matches its verdict', (contract, expected) => {
  const found = xml.split('<testcase ').find((part) => part.includes(`name="${contract} `))
  expect(found?.split('</testcase>')[0]).toMatch(expected)
})

test('a contract that a recording does not exercise has no case there', () => {
  const idle = syntheticVerdict({ contract: 'NODE-02', status: 'not-exercised', code: 'NOT_EXERCISED' })
  expect(buildJunit(runFacts(journal), [...everyVerdict(), idle]).match(/<testcase /g)).toHaveLength(8)
})

test('recordings of one scenario are separate suites', () => {
  const twice = new SyntheticJournal().run()
  for (let n = 0; n < 2; n++) twice.scenario('drain-node', (run) => run.wait(10))
  const on = (repetition: number, status: 'pass' | 'late') =>
    syntheticVerdict({ scenario: 'drain-node', repetition, status })
  const suites = buildJunit(runFacts(twice.records), [on(1, 'pass'), on(2, 'late')])
  expect(suites).toMatch(/<testsuite name="drain-node \(1\)"[^>]* tests="1" failures="0"/)
  expect(suites).toMatch(/<testsuite name="drain-node \(2\)"[^>]* tests="1" failures="1"/)
})

test('a suite has its start time and the command that repeats the run', () => {
  expect(xml).toMatch(/name="kill-scheduler" timestamp="2026-01-02T03:04:18" time="58\.\d+"/)
  expect(xml).toContain('<property name="replay" value="npm start -- --seed 42"/>')
})

test('hostile text adds no element to the XML', () => {
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
