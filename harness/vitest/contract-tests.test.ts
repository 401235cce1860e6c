import { expect, test } from 'vitest'
import { judgeJournal } from '../contracts/judge-journal.ts'
import { severity } from '../judge/verdict/severity.ts'
import { drainNode, killScheduler } from '../judge/testing/sample-journals.ts'
import { edited } from '../judge/testing/verdict.ts'
import { scenarios } from '../../scenarios/index.ts'
import { contractTests, hostNoiseSkips, mostHostNoise, testOutcome } from './contract-tests.ts'

const builtIn = [...scenarios.values()]
const verdicts = judgeJournal(killScheduler())
const [sample] = verdicts
if (!sample) throw new Error('the sample journal has no verdict')

test('every exercised verdict has a test, and one that was not exercised has none', () => {
  const tests = contractTests(verdicts, [])
  const wanted = verdicts.filter(({ status }) => status !== 'not-exercised')
  expect(wanted.length).toBeGreaterThan(4)
  expect([...tests.keys()]).toEqual(['kill-scheduler'])
  expect(tests.get('kill-scheduler')?.flatMap((one) => one.verdicts)).toEqual(wanted)
})

test('every contract that a built-in scenario lists has a test, even if the run lacks the scenario', () => {
  const tests = contractTests(verdicts, builtIn)
  expect([...tests.keys()].toSorted()).toEqual(builtIn.map(({ name }) => name).toSorted())
  for (const { name, contracts = [] } of builtIn) {
    expect(tests.get(name)?.map(({ contract }) => contract)).toEqual(expect.arrayContaining([...contracts]))
    if (name !== 'kill-scheduler') expect(tests.get(name)?.flatMap((one) => one.verdicts)).toEqual([])
  }
})

test('a contract that its scenario lists and does not exercise fails, and so does a scenario without a recording', () => {
  const planned = { scenarios: ['kill-scheduler', 'drain-node'], contracts: { 'kill-scheduler': ['WL-08'] } }
  const judged = judgeJournal(
    edited(killScheduler(), 'run', (run) => ({
      ...run,
      ...planned,
      contracts: { ...planned.contracts, 'drain-node': ['WL-08'] },
    })),
  )
  const tests = contractTests(judged, [{ name: 'drain-node', contracts: ['WL-08'] }])
  const codes = (scenario: string) =>
    tests.get(scenario)?.flatMap((one) => (one.contract === 'WL-08' ? one.verdicts.map(testOutcome) : []))
  expect(codes('drain-node')).toMatchObject([
    { outcome: 'fail', message: expect.stringMatching(/^NOT_RECORDED /) as string },
  ])
  expect(codes('kill-scheduler')).toMatchObject([{ outcome: 'fail' }])
})

test('a scenario that was recorded twice has both verdicts in one test', () => {
  const once = drainNode()
  const tests = contractTests(
    judgeJournal([...once, ...once.filter(({ kind }) => kind !== 'run' && kind !== 'cluster')]),
    [],
  )
  const [first] = tests.get('drain-node') ?? []
  expect(first?.verdicts).toHaveLength(2)
})

test.each(severity)('%s', (status) => {
  const { outcome, message } = testOutcome({ ...sample, status, code: 'SOME_CODE', reason: 'Because.' })
  const expected: Partial<Record<typeof status, string>> = { pass: 'pass', known: 'pass', 'not-applicable': 'skip' }
  expect(outcome).toBe(expected[status] ?? 'fail')
  if (outcome === 'fail') expect(message).toMatch(/^SOME_CODE \(.*\): Because\./)
  if (outcome === 'skip') expect(message).toBe('Because.')
})

const noisy = { ...sample, status: 'inconclusive', code: 'HOST_NOISE', values: { hostLateMs: 812 } } as const

test('measured host noise is a skip with its figures, any other inconclusive verdict a failure', () => {
  const { outcome, message } = testOutcome({ ...noisy, reason: 'The host was late.' })
  expect(outcome).toBe('skip')
  expect(message).toContain('812')
  expect(testOutcome({ ...noisy, code: 'NOT_PROBED' }).outcome).toBe('fail')
  expect(testOutcome({ ...noisy, status: 'fail' }).outcome).toBe('fail')
})

test('more host-noise skips than their share fail the run', () => {
  const kept = { ...sample, status: 'pass', code: 'KEPT' } as const
  const run = (skips: number, passes: number) =>
    hostNoiseSkips([
      { contract: 'A', verdicts: Array.from({ length: skips }, () => noisy) },
      { contract: 'B', verdicts: Array.from({ length: passes }, () => kept) },
    ])
  const most = 100 * mostHostNoise
  expect(run(most, 100 - most)).toMatchObject({ skips: { length: most }, tooMany: undefined })
  expect(run(most + 1, 99 - most).tooMany).toContain(`${most + 1} of 100`)
  expect(run(0, 0).tooMany).toBeUndefined()
})
