import { expect, test } from 'vitest'
import { journalText, recordsOfText } from '../../record/record-lines.ts'
import type { JournalRecord } from '../../record/records.ts'
import { defineContract } from '../contract.ts'
import { runExitCode } from '../verdict/exit-code.ts'
import { judge } from '../judge.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'

/* A contract that counts failed writes: each is a breach, and none of them means that all is well. */
const noFailedWrite = defineContract({
  id: 'TEST-01',
  area: 'test',
  promise: 'No write fails.',
  reference: 'https://kubernetes.io/docs/',
  stimulus: { needs: 'a write', find: (recording) => recording.of('write') },
  judge: (_, writes) => {
    const failed = writes.filter(({ outcome }) => outcome === 'refused')
    const values = { failed: failed.length }
    const details = { observed: '', reason: '', values, evidence: failed }
    return failed.length > 0
      ? { status: 'fail', code: 'FAILED', ...details }
      : { status: 'pass', code: 'NONE_FAILED', ...details }
  },
})

/** Scenarios with five writes each, 20 s apart, on one cluster; `failsAt` is the scenario and the write that fails. */
function journal(scenarios: readonly string[], failsAt?: readonly [string, number]): JournalRecord[] {
  const parts = scenarios.map((name) => {
    const builder = new JournalBuilder(name)
    for (let n = 1; n <= 5; n++) {
      const outcome = failsAt?.[0] === name && failsAt[1] === n ? 'refused' : 'acked'
      builder.add(n * 20_000, { kind: 'write', endedAt: 0, via: 'etcd1', key: `${name}-${n}`, value: '', outcome })
    }
    return builder.journal(120_000)
  })
  const [first = [], ...more] = parts
  const common = first.filter(({ kind }) => ['run', 'cluster', 'config'].includes(kind))
  const own = [first.slice(common.length), ...more.map((part) => part.slice(common.length))].flat()
  const ended = [...common, ...own, { kind: 'end', at: 2_000_000 } as const]
  return ended.map((record) => (record.kind === 'run' ? { ...record, schema: 2, scenarios: [...scenarios] } : record))
}

function judged(records: readonly JournalRecord[], attack: (lines: string[]) => string[]) {
  const read = recordsOfText('journal', attack(journalText(records).trimEnd().split('\n')).join('\n'))
  const verdicts = judge(read, { catalogue: [noFailedWrite] })
  return { verdicts: verdicts.map(({ scenario, code }) => [scenario, code]), exit: runExitCode(read, verdicts), read }
}
const lineOf = (lines: readonly string[], text: string): number => lines.findIndex((line) => line.includes(text))
const without = (text: string) => (lines: string[]) => lines.toSpliced(lineOf(lines, text), 1)

test('a journal without a loss is judged as ever', () => {
  expect(judged(journal(['a', 'b']), (lines) => lines)).toMatchObject({
    verdicts: [
      ['a', 'NONE_FAILED'],
      ['b', 'NONE_FAILED'],
    ],
    exit: 0,
  })
})

test('a loss in one recording makes its pass inconclusive, leaves the others, and the exit code is 2', () => {
  expect(judged(journal(['a', 'b', 'c']), without('"key":"b-3"'))).toMatchObject({
    verdicts: [
      ['a', 'NONE_FAILED'],
      ['b', 'JOURNAL_LOSS'],
      ['c', 'NONE_FAILED'],
    ],
    exit: 2,
  })
})

test('a breach before a loss stands, one after it does not: the loss may have caused it', () => {
  const before = judged(journal(['a'], ['a', 2]), without('"key":"a-4"'))
  expect(before).toMatchObject({ verdicts: [['a', 'FAILED']], exit: 1 })
  const after = judged(journal(['a'], ['a', 4]), without('"key":"a-3"'))
  expect(after).toMatchObject({ verdicts: [['a', 'JOURNAL_LOSS']], exit: 2 })
  const justBefore = judged(journal(['a'], ['a', 3]), without('"key":"a-4"'))
  expect(justBefore).toMatchObject({ verdicts: [['a', 'JOURNAL_LOSS']], exit: 2 })
  const removed = judged(journal(['a'], ['a', 4]), without('"key":"a-4"'))
  expect(removed).toMatchObject({ verdicts: [['a', 'JOURNAL_LOSS']], exit: 2 })
})

test('a loss in what all recordings share makes all of them inconclusive', () => {
  const all = { verdicts: [['a', 'JOURNAL_LOSS'], ['b', 'JOURNAL_LOSS']], exit: 2 } // prettier-ignore
  expect(judged(journal(['a', 'b']), without('"kind":"config"'))).toMatchObject(all)
  expect(judged(journal(['a', 'b']), without('"kind":"cluster"'))).toMatchObject(all)
  const seeded = (lines: string[]): string[] => lines.with(0, lines[0]?.replace('"seed":1', '"seed":2') ?? '')
  expect(judged(journal(['a', 'b']), seeded)).toMatchObject(all)
})

test('a cut from one recording into another counts for what follows on the same cluster', () => {
  const cut = (lines: string[]): string[] => {
    const from = lineOf(lines, '"key":"a-3"')
    return lines.toSpliced(from, lineOf(lines, '"key":"b-2"') - from)
  }
  const { verdicts, exit } = judged(journal(['a', 'b', 'c']), cut)
  expect({ verdicts, exit }).toEqual({ verdicts: [['a', 'JOURNAL_LOSS'], ['c', 'JOURNAL_LOSS']], exit: 2 }) // prettier-ignore
})

test('a cut tail makes the last recording inconclusive; without the last line nothing is lost but the certainty of that', () => {
  const cut = judged(journal(['a', 'b']), (lines) => lines.slice(0, lineOf(lines, '"key":"b-3"')))
  expect(cut).toMatchObject({ verdicts: [['a', 'NONE_FAILED'], ['b', 'JOURNAL_LOSS']], exit: 2 }) // prettier-ignore
  const end = judged(journal(['a', 'b']), (lines) => lines.slice(0, -1))
  expect(end).toMatchObject({ verdicts: [['a', 'NONE_FAILED'], ['b', 'NONE_FAILED']], exit: 2 }) // prettier-ignore
})

test('lines of a verdict count lines of the file, also after a loss', () => {
  const records = journal(['a'], ['a', 2])
  const attack = without('"key":"a-4"')
  const { read } = judged(records, attack)
  const [verdict] = judge(read, { catalogue: [noFailedWrite] })
  const lines = attack(journalText(records).trimEnd().split('\n'))
  expect(verdict?.lines).toEqual([lineOf(lines, '"key":"a-2"') + 1])
})
