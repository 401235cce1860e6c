import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../record/records.ts'
import { type Contract, type ContractDefinition, type Finding, defineContract } from './contract.ts'
import { runExitCode } from './verdict/exit-code.ts'
import { faultWindows } from './faults/fault-windows.ts'
import { InconclusiveError, requireEvidence } from './verdict/inconclusive.ts'
import { judge } from './judge.ts'
import { JournalBuilder } from './testing/journal-builder.ts'
import { start } from './testing/cluster-facts.ts'
import { edited } from './testing/verdict.ts'
import type { Verdict } from './verdict/verdict.ts'

const words = { area: 'test', promise: 'It holds.', reference: 'https://kubernetes.io/docs/' }

/** A contract that any recording exercises. */
function contract(findOut: () => Finding, id = 'TEST-01'): Contract {
  return defineContract({ id, ...words, stimulus: { needs: 'anything', find: () => [true] }, judge: findOut })
}

const pass: Finding = { status: 'pass', code: 'FINE', values: { n: 1 }, observed: 'fine', reason: 'It was seen.' }
const fine = contract(() => pass)

/** A contract that needs an etcd member to be killed. */
const requiresKill: ContractDefinition<unknown> = {
  id: 'TEST-03',
  ...words,
  stimulus: {
    needs: 'a killed etcd member',
    find: (recording) => faultWindows(recording).filter(({ fault }) => fault === 'kill'),
  },
  judge: () => pass,
}
const onKill = defineContract(requiresKill)

function verdictOn(journal: Iterable<JournalRecord>, one: Contract = fine): Verdict {
  const [verdict, ...more] = judge(journal, { catalogue: [one] })
  expect(more).toEqual([])
  if (!verdict) throw new Error('no verdict')
  return verdict
}

const killed = new JournalBuilder('made-up')
  .fault('f', 'kill', { machines: ['etcd1'], component: 'etcd' }, 100, 500)
  .journal(900)

test("a verdict has its judge's finding, the contract's promise, the fault, and the lines that it rests on", () => {
  expect(verdictOn(killed)).toEqual({
    contract: 'TEST-01',
    promise: 'It holds.',
    reference: 'https://kubernetes.io/docs/',
    scenario: 'made-up',
    fault: 'kill etcd@etcd1',
    ...pass,
    moments: [],
    lines: killed.flatMap(({ kind }, index) => (kind === 'fault' ? [index + 1] : [])),
  })
})

test('records of a finding are resolved to their lines', () => {
  const [first] = killed
  const one = contract(() => ({ ...pass, evidence: first ? [first] : [] }))
  expect(verdictOn(killed, one).lines[0]).toBe(1)
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
    contract(() => ({ ...pass, measured, bound })),
  )
  expect(verdict.margin).toBe(margin)
})

describe('an unproven fault makes contracts that depend on it invalid, and no others', () => {
  const faultEdges = (keep: (edge: string) => boolean): JournalRecord[] =>
    edited(killed, 'fault', (record) => (keep(record.edge) ? record : undefined))

  test.each([
    ['it was intended and never proven', faultEdges((edge) => edge === 'intent')],
    ['its end is not proven', faultEdges((edge) => edge !== 'healed')],
    [
      'it was unproven',
      edited(killed, 'fault', (record) => (record.edge === 'injected' ? { ...record, edge: 'unproven' } : record)),
    ],
    [
      'it ended by itself before it was healed',
      edited(killed, 'fault', (record) =>
        record.edge === 'healed' ? { ...record, evidence: [{ proves: 'early', facts: { early: true } }] } : record,
      ),
    ],
    ['it has no evidence', edited(killed, 'fault', (record) => ({ ...record, evidence: [] }))],
  ] as [string, JournalRecord[]][])('%s', (_, journal) => {
    expect(verdictOn(journal, onKill)).toMatchObject({
      status: 'invalid',
      code: 'FAULT_UNPROVEN',
      values: { fault: 'kill etcd@etcd1' },
    })
    expect(verdictOn(journal, fine).status).toBe('pass')
  })

  test('another fault that is proven is enough', () => {
    const twice = new JournalBuilder('made-up')
      .fault('f', 'kill', { machines: ['etcd1'], component: 'etcd' }, 100, 500)
      .fault('g', 'kill', { machines: ['etcd2'], component: 'etcd' }, 600, 800)
      .journal(900)
    const journal = edited(twice, 'fault', (record) =>
      record.id === 'f' && record.edge === 'injected' ? undefined : record,
    )
    expect(verdictOn(journal, onKill).status).toBe('pass')
  })

  test('a fault that is never healed on purpose is valid', () => {
    const lost = new JournalBuilder('made-up')
      .fault('f', 'kill', { machines: ['etcd1'], component: 'etcd' }, 100)
      .journal(900)
    expect(verdictOn(lost, onKill).status).toBe('pass')
  })

  test('a failure that was observed stands', () => {
    const broken = contract(() => ({ ...pass, status: 'fail', code: 'BROKEN' }))
    expect(
      verdictOn(
        faultEdges((edge) => edge === 'intent'),
        broken,
      ).status,
    ).toBe('fail')
  })
})

describe('the recorded part is judged, however the scenario ended', () => {
  const ended = (outcome: 'harness-error' | 'script-error' | 'timed-out' | 'interrupted'): JournalRecord[] =>
    edited(killed, 'scenario', (record) => (record.edge === 'end' ? { ...record, outcome, reason: 'x' } : record))
  const rig: JournalRecord = { kind: 'rig', at: start, message: 'agent gone' }

  test.each([
    ['a harness error', ended('harness-error')],
    ['an exception of its builder', ended('script-error')],
    ['its deadline', ended('timed-out')],
    ['Ctrl-C', ended('interrupted')],
    ['a journal that stops', killed.slice(0, -1)],
    ['a harness error during it', [...killed.slice(0, -1), rig, ...killed.slice(-1)]],
  ] as [string, JournalRecord[]][])('%s', (_, journal) => {
    expect(verdictOn(journal, onKill).status).toBe('pass')
  })

  test('a judge that throws makes its contract inconclusive', () => {
    const broken = contract(() => {
      throw new TypeError('x is not a function')
    })
    expect(verdictOn(killed, broken)).toMatchObject({ status: 'inconclusive', code: 'JUDGE_ERROR' })
  })

  test('a judge without evidence names the missing evidence', () => {
    const blind = contract(() => requireEvidence<Finding>(undefined, 'No record.'))
    expect(verdictOn(killed, blind)).toMatchObject({ status: 'inconclusive', code: 'MISSING_EVIDENCE' })
    const unwatched = contract(() => {
      throw new InconclusiveError('No watch.', 'NOT_WATCHED')
    })
    expect(verdictOn(killed, unwatched)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})

describe('every contract judges every recording', () => {
  const quiet = new JournalBuilder('made-up').journal(900)
  const meaning = (journal: readonly JournalRecord[], contracts: Record<string, string[]>): JournalRecord[] =>
    edited(journal, 'run', (run) => ({ ...run, scenarios: Object.keys(contracts), contracts }))
  const endedAs = (outcome: 'refused' | 'not-applicable'): JournalRecord[] =>
    edited(meaning(quiet, { 'made-up': ['TEST-03'] }), 'scenario', (record) =>
      record.edge === 'end' ? { ...record, outcome, reason: 'worker1 runs no etcd' } : record,
    )

  test('without its stimulus a contract is not exercised, which is harmless', () => {
    expect(verdictOn(quiet, onKill)).toMatchObject({
      status: 'not-exercised',
      code: 'NOT_EXERCISED',
      values: { needs: 'a killed etcd member' },
    })
  })

  test('unless the scenario or the user meant to decide it', () => {
    expect(verdictOn(meaning(quiet, { 'made-up': ['TEST-03'] }), onKill)).toMatchObject({
      status: 'inconclusive',
      code: 'STIMULUS_ABSENT',
    })
    expect(judge(quiet, { catalogue: [onKill], contracts: ['TEST-03'] })).toMatchObject([
      { status: 'inconclusive', code: 'STIMULUS_ABSENT' },
    ])
  })

  test('a fault that could not reach its target makes the contracts of the scenario invalid', () => {
    expect(verdictOn(endedAs('refused'), onKill)).toMatchObject({ status: 'invalid', code: 'FAULT_REFUSED' })
    expect(verdictOn(endedAs('refused'), fine).status).toBe('pass')
  })

  test('a scenario that does not apply makes its contracts not applicable', () => {
    expect(verdictOn(endedAs('not-applicable'), onKill)).toMatchObject({
      status: 'not-applicable',
      code: 'NOT_APPLICABLE',
    })
  })

  test('a scenario that was planned and not recorded makes its contracts inconclusive', () => {
    const planned = meaning(killed, { 'made-up': ['TEST-03'], 'never-begun': ['TEST-03'] })
    expect(judge(planned, { catalogue: [onKill, fine] })).toMatchObject([
      { contract: 'TEST-03', scenario: 'made-up', status: 'pass' },
      { contract: 'TEST-03', scenario: 'never-begun', status: 'inconclusive', code: 'NOT_RECORDED' },
      { contract: 'TEST-01', scenario: 'made-up', status: 'pass' },
    ])
  })

  test('a journal without any recording makes every contract inconclusive', () => {
    expect(judge([], { catalogue: [fine, onKill] }).map(({ code }) => code)).toEqual(['NOT_RECORDED', 'NOT_RECORDED'])
  })

  test('each recording gets its verdict', () => {
    expect(judge([...killed, ...killed], { catalogue: [fine] })).toHaveLength(2)
  })

  test('an unknown contract is refused', () => {
    expect(() => judge(killed, { catalogue: [fine], contracts: ['SCHED-99'] })).toThrow(
      expect.objectContaining({ code: 'HF_UNKNOWN_CONTRACT', exitCode: 64 }),
    )
  })

  test('two contracts with the same id are refused: one of them would not be judged', () => {
    expect(() => judge(killed, { catalogue: [fine, { ...fine }] })).toThrow(
      expect.objectContaining({ code: 'HF_DUPLICATE_CONTRACT' }),
    )
  })
})

describe('a scenario that was recorded several times', () => {
  const again = killed.filter(({ kind }) => kind !== 'run' && kind !== 'cluster' && kind !== 'config')
  const redOnThird = defineContract({
    id: 'TEST-09',
    ...words,
    stimulus: { needs: 'anything', find: () => [true] },
    judge: (recording) => (recording.of('step').length > 0 ? { ...pass, status: 'fail' } : pass),
  })
  const step: JournalRecord = { kind: 'step', at: start + 200, name: 'breaks' }
  const broken = again.flatMap((record) =>
    record.kind === 'fault' && record.edge === 'injected' ? [record, step] : [record],
  )
  const verdicts = judge([...killed, ...again, ...broken, ...again], { catalogue: [redOnThird] })

  test('has a verdict for each recording, which names it', () => {
    expect(verdicts.map(({ repetition, status }) => [repetition, status])).toEqual([
      [1, 'pass'],
      [2, 'pass'],
      [3, 'fail'],
      [4, 'pass'],
    ])
  })

  test('is decided by the failed one', () => {
    expect(runExitCode(killed, verdicts)).toBe(1)
    expect(
      runExitCode(
        killed,
        verdicts.filter(({ repetition }) => repetition !== 3),
      ),
    ).toBe(0)
  })

  test('has no number where it was recorded once', () => {
    expect(verdictOn(killed)).not.toHaveProperty('repetition')
  })
})
