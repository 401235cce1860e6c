import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../record/records.ts'
import type { Contract, Finding } from './contract.ts'
import { judge } from './judge.ts'
import { Script } from './testing/script.ts'
import { start } from './testing/surroundings.ts'
import { edited } from './testing/verdict.ts'
import { need } from './undecided.ts'
import type { Verdict } from './verdict.ts'

function contract(findOut: () => Finding, id = 'TEST-01'): Contract {
  const [area, promise, reference] = ['test', 'It holds.', 'https://kubernetes.io/docs/']
  return { id, area, promise, reference, scenarios: ['made-up'], judge: findOut }
}

const fine = contract(() => ({ status: 'pass', observed: 'fine', reason: 'It was seen.' }))

function verdictOn(journal: Iterable<JournalRecord>, one: Contract = fine): Verdict {
  const [verdict, ...more] = judge(journal, { catalogue: [one] })
  expect(more).toEqual([])
  if (!verdict) throw new Error('no verdict')
  return verdict
}

const killed = new Script('made-up')
  .fault('f', 'kill', { machines: ['etcd1'], component: 'etcd' }, 100, 500)
  .journal(900)

test('a contract gets what its judge says, with its own words and the fault', () => {
  expect(verdictOn(killed)).toEqual({
    contract: 'TEST-01',
    promise: 'It holds.',
    reference: 'https://kubernetes.io/docs/',
    scenario: 'made-up',
    fault: 'kill etcd@etcd1',
    status: 'pass',
    observed: 'fine',
    reason: 'It was seen.',
    moments: [],
  })
})

test.each([
  ['ms', 750, 1_000, 0.25],
  ['ms', 1_500, 1_000, -0.5],
  ['p-value', 0.002, 0.001, 1],
  ['count', 5, 4, undefined],
] as const)('margin in %s: %d against %d', (unit, measured, limit, margin) => {
  const bound = { limit, unit, source: 'made up' }
  const verdict = verdictOn(
    killed,
    contract(() => ({ status: 'pass', observed: '', reason: '', measured, bound })),
  )
  expect(verdict.margin).toBe(margin)
})

describe('nothing is judged that can not be trusted', () => {
  const faultEdges = (keep: (edge: string) => boolean): JournalRecord[] =>
    edited(killed, 'fault', (record) => (keep(record.edge) ? record : undefined))

  test.each([
    ['a fault that was intended and never proven', faultEdges((edge) => edge === 'intent'), 'never proven'],
    ['a fault that is not proven to have ended', faultEdges((edge) => edge !== 'healed'), 'not proven to have ended'],
    [
      'a fault that may not have bitten',
      edited(killed, 'fault', (record) => (record.edge === 'injected' ? { ...record, edge: 'unproven' } : record)),
      'not proven to have bitten',
    ],
    [
      'a fault that ended by itself before it was healed',
      edited(killed, 'fault', (record) =>
        record.edge === 'healed' ? { ...record, evidence: [{ proves: 'early', facts: { early: true } }] } : record,
      ),
      'ended before it was healed',
    ],
    [
      'a fault without evidence',
      edited(killed, 'fault', (record) => ({ ...record, evidence: [] })),
      'without evidence',
    ],
  ])('%s makes it invalid', (_, journal, reason) => {
    expect(verdictOn(journal)).toMatchObject({ status: 'invalid', reason: expect.stringContaining(reason) as string })
  })

  test('a fault that could not hit its target makes it invalid, and not the rig to blame', () => {
    const refused = edited(new Script('made-up').journal(900), 'scenario', (record) =>
      record.edge === 'end' ? { ...record, outcome: 'refused', reason: 'worker1 runs no etcd' } : record,
    )
    expect(verdictOn(refused)).toMatchObject({ status: 'invalid', reason: 'worker1 runs no etcd' })
  })

  test('a fault that is never healed on purpose is valid', () => {
    const lost = new Script('made-up').fault('f', 'lose-machine', { machines: ['worker1'] }, 100).journal(900)
    expect(verdictOn(lost).status).toBe('pass')
  })

  test.each([
    [
      'a scenario that failed',
      edited(killed, 'scenario', (record) =>
        record.edge === 'end' ? { ...record, outcome: 'rig-failed', reason: 'no disk left' } : record,
      ),
      'no disk left',
    ],
    ['a journal that stops', killed.slice(0, -1), 'stops before the end'],
    [
      'trouble of the rig',
      [...killed.slice(0, -1), { kind: 'rig', at: start, message: 'agent gone' }, ...killed.slice(-1)],
      'agent gone',
    ],
  ] as [string, JournalRecord[], string][])('%s leaves it undecided', (_, journal, reason) => {
    expect(verdictOn(journal)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining(reason) as string,
    })
  })

  test('a judge that throws leaves it undecided', () => {
    const broken = contract(() => {
      throw new TypeError('x is not a function')
    })
    expect(verdictOn(killed, broken)).toMatchObject({
      status: 'inconclusive',
      reason: 'The judge broke: x is not a function',
    })
  })

  test('a judge that misses evidence says which', () => {
    const blind = contract(() => need<Finding>(undefined, 'Nobody looked.'))
    expect(verdictOn(killed, blind)).toMatchObject({ status: 'inconclusive', reason: 'Nobody looked.' })
  })
})

describe('what is asked for is judged', () => {
  const other: Contract = { ...fine, id: 'TEST-02', scenarios: ['another'] }

  test('a contract that was asked for and not recorded is undecided', () => {
    const verdicts = judge(killed, { catalogue: [fine, other], contracts: ['TEST-01', 'TEST-02'] })
    expect(verdicts.map(({ contract: id, status }) => [id, status])).toEqual([
      ['TEST-01', 'pass'],
      ['TEST-02', 'inconclusive'],
    ])
  })

  test('by default those are asked for that a recorded scenario can decide', () => {
    expect(judge(killed, { catalogue: [fine, other] })).toHaveLength(1)
  })

  test('by default everything is asked for where the rig failed or nothing was recorded', () => {
    const failed: JournalRecord[] = [...killed, { kind: 'rig', at: start + 1_000, message: 'no disk left' }]
    expect(judge(failed, { catalogue: [fine, other] })).toHaveLength(2)
    expect(judge([], { catalogue: [fine, other] }).map(({ status }) => status)).toEqual([
      'inconclusive',
      'inconclusive',
    ])
  })

  test('each recording of a scenario gets its verdict', () => {
    expect(judge([...killed, ...killed], { catalogue: [fine] })).toHaveLength(2)
  })

  test('contracts that a scenario of a person names judge it, recorded or not', () => {
    const elsewhere: Contract = { ...fine, scenarios: ['another'] }
    const naming = edited(killed, 'run', (run) => ({
      ...run,
      scenarios: ['made-up', 'never-played'],
      contracts: { 'made-up': ['TEST-01'], 'never-played': ['TEST-02'] },
    }))
    const statuses = judge(naming, { catalogue: [elsewhere, other] }).map(({ contract: id, status }) => [id, status])
    expect(statuses).toEqual([
      ['TEST-01', 'pass'],
      ['TEST-02', 'inconclusive'],
    ])
  })

  test('an unknown contract is refused', () => {
    expect(() => judge(killed, { contracts: ['SCHED-99'] })).toThrow(
      expect.objectContaining({ code: 'HF_UNKNOWN_CONTRACT' }),
    )
  })

  test('two contracts under one id are refused: one of them would go unjudged', () => {
    expect(() => judge(killed, { catalogue: [fine, { ...fine }] })).toThrow(
      expect.objectContaining({ code: 'HF_JUDGED_TOO_FEW' }),
    )
  })
})

test("one scenario's trouble does not spread to the others", () => {
  const first = edited(killed, 'scenario', (record) =>
    record.edge === 'end' ? { ...record, outcome: 'interrupted' } : record,
  )
  const late: JournalRecord = { kind: 'rig', at: start, message: 'agent gone' }
  const verdicts = judge([...first.slice(0, -1), late, ...first.slice(-1), ...killed], { catalogue: [fine] })
  expect(verdicts.map(({ status }) => status)).toEqual(['inconclusive', 'pass'])
})
