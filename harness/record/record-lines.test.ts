import fc from 'fast-check'
import { expect, test } from 'vitest'
import { journalText, recordsOfText } from './record-lines.ts'
import type { JournalRecord, LossCause } from './records.ts'
import { anyRecord } from './testing/arbitrary.ts'

const run = {
  kind: 'run',
  at: 1,
  schema: 2,
  run: 'r',
  startedAt: '',
  seed: 1,
  command: '',
  versions: {},
  host: { cores: 1, memoryBytes: 1, kernel: '' },
} as const
const step = (n: number): JournalRecord => ({ kind: 'step', at: n, name: String(n) })
const whole: readonly JournalRecord[] = [run, ...[2, 3, 4, 5, 6, 7, 8].map(step), { kind: 'end', at: 9 }]
const written = journalText(whole).trimEnd().split('\n')

function losses(lines: readonly string[]): [LossCause, number][] {
  return recordsOfText('journal', `${lines.join('\n')}\n`).flatMap((record) =>
    record.kind === 'loss' ? [[record.cause, record.line]] : [],
  )
}

test('an unchanged journal has no loss, and its records have no chain value', () => {
  expect(recordsOfText('journal', journalText(whole))).toEqual(whole)
})

test('a loss is reported at the line where the file was changed', () => {
  const [a = '', b = '', c = '', d = ''] = written
  expect(losses(written.toSpliced(2, 1))).toEqual([['broken', 3]])
  expect(losses(written.toSpliced(0, 1))).toEqual([['broken', 1]])
  expect(losses(written.toSpliced(2, 4))).toEqual([['broken', 3]])
  expect(losses(written.toSpliced(3, 0, c))).toEqual([['broken', 4]])
  expect(losses(written.with(2, c.replace('"at":3', '"at":3.5')))).toEqual([['broken', 3]])
  expect(losses([a, c, b, d, ...written.slice(4)])).toEqual([
    ['broken', 2],
    ['broken', 3],
    ['broken', 4],
  ])
  expect(losses(written.with(2, JSON.stringify(step(3))))).toEqual([
    ['unchained', 3],
    ['broken', 4],
  ])
})

test('a journal without its end is truncated, at any line', () => {
  for (let kept = 1; kept < written.length; kept++)
    expect(losses(written.slice(0, kept))).toEqual([['truncated', kept + 1]])
})

test('a loss has the time of the record before it', () => {
  const read = recordsOfText('journal', `${written.toSpliced(2, 3).join('\n')}\n`)
  expect(read[2]).toEqual({ kind: 'loss', at: 2, line: 3, cause: 'broken' })
})

test('a journal without chain values is one loss in schema 2, and no loss in schema 1', () => {
  const bare = whole.map((record) => JSON.stringify(record))
  expect(losses(bare)).toEqual([['unchained', 1]])
  expect(losses(bare.with(0, JSON.stringify({ ...run, schema: 1 })).slice(0, 4))).toEqual([])
  // A changed first line with schema 1 does not hide the loss.
  expect(losses(written.with(0, JSON.stringify({ ...run, schema: 1 })))).toEqual([['broken', 2]])
})

test('every removed, repeated, moved or changed line of any record is a loss', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 2, maxLength: 6 }), fc.nat(), fc.nat(), (records, first, second) => {
      const lines = journalText([run, ...records, { kind: 'end', at: 0 }])
        .trimEnd()
        .split('\n')
      const [i, j] = [first % lines.length, second % lines.length]
      const line = lines[i] ?? ''
      expect(losses(lines)).toEqual([])
      expect(losses(lines.toSpliced(i, 1))).not.toEqual([])
      expect(losses(lines.toSpliced(j, 0, line))).not.toEqual([])
      expect(losses(lines.with(i, line.replace('{', '{"more":1,')))).not.toEqual([])
      if (i !== j) expect(losses(lines.with(i, lines[j] ?? '').with(j, line))).not.toEqual([])
    }),
  )
})
