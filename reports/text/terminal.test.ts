import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { terminalOptions } from './terminal-format.ts'
import { verdictTable } from './terminal.ts'
import { hostile, poisoned } from '../testing/hostile.ts'
import { everyVerdict, syntheticVerdict } from '../testing/synthetic-verdicts.ts'

const plain = { columns: 120, colour: false, unicode: false }

describe('the table', () => {
  test('shows contract, scenario, verdict, observation, bound and margin, failures first', () => {
    const lines = verdictTable(everyVerdict(), plain).split('\n')
    expect(lines[0]).toMatch(/^contract\s+scenario\s+verdict\s+observed\s+bound\s+margin$/)
    expect(lines[2]).toMatch(
      /^ETCD-03\s+partition-etcd\s+x fail\s+3 writes were confirmed by the minority\s+<= 0\s+-300 %$/,
    )
    expect(lines[3]).toMatch(/^SCHED-02\s+kill-scheduler\s+> late\s+.*<= 25 s\s+-25 %$/)
  })

  test('gives the reason of each verdict that is not a pass, and ends with the counts', () => {
    const text = verdictTable(everyVerdict(), plain)
    expect(text).toMatch(/x fail  ETCD-03 \(partition-etcd\) [A-Z_]+: Writes w-17, w-18 and w-19 were acknowledged/)
    expect(text).not.toContain('SCHED-14 (')
    expect(text.split('\n').at(-1)).toBe(
      '8 contracts judged: 1 fail, 1 late, 1 invalid, 1 inconclusive, 1 known, 2 pass, 1 not applicable',
    )
    expect(verdictTable([], plain).split('\n').at(-1)).toBe('No contract was judged.')
  })

  test('lists only exercised verdicts, counts each contract once by its worst verdict, and counts the rest', () => {
    const idle = { status: 'not-exercised', code: 'NOT_EXERCISED' } as const
    const lines = verdictTable(
      [
        syntheticVerdict({ contract: 'A' }),
        syntheticVerdict({ contract: 'A', scenario: 'drain-node', status: 'late' }),
        syntheticVerdict({ contract: 'B', ...idle }),
        syntheticVerdict({ contract: 'B', scenario: 'drain-node', ...idle }),
        syntheticVerdict({ contract: 'C' }),
        syntheticVerdict({ contract: 'C', scenario: 'drain-node', ...idle }),
      ],
      plain,
    ).split('\n')
    expect(lines.filter((line) => /^[A-C] /.test(line)).map((line) => line.slice(0, 1))).toEqual(['A', 'A', 'C'])
    expect(lines.at(-1)).toBe(
      '2 contracts judged: 1 late, 1 pass; not exercised: 1 contract; not listed: 3 verdicts not exercised',
    )
  })

  test('numbers several recordings of one scenario', () => {
    const text = verdictTable(
      [syntheticVerdict({ repetition: 1 }), syntheticVerdict({ repetition: 2, status: 'late' })],
      plain,
    )
    expect(text).toMatch(/^SCHED-14 +kill-scheduler \(2\) +> late/m)
  })

  test('gives the reasons why the run is incomplete, with file and line', () => {
    const text = verdictTable([syntheticVerdict()], plain, [
      { scenario: '', cause: 'harness-error', reason: 'the engine is gone', where: '' },
      { scenario: 'mine', cause: 'script-error', reason: 'x is not set', where: 'mine.ts:12' },
    ])
    expect(text).toContain('\nincomplete: harness-error: the engine is gone\n')
    expect(text).toContain('\nincomplete: mine: script-error at mine.ts:12: x is not set\n')
  })

  test('draws the history that broke a promise below its reason', () => {
    const lines = verdictTable(everyVerdict(), plain).split('\n')
    const at = lines.findIndex((line) => line.startsWith('x fail  ETCD-03 (partition-etcd)'))
    expect(lines[at + 1]).toMatch(/^ {4}writer \|\[-+\] +\| create k=old by writer: ok at 5$/)
    expect(lines.slice(at + 1, at + 6).at(-1)).toMatch(/^ +50\.0 ms in all$/)
  })

  test.each([80, 100, 140, 200])('fits %d columns', (columns) => {
    const long = syntheticVerdict({ observed: 'one two three four five six seven '.repeat(10) })
    const table =
      verdictTable([...everyVerdict(), long], { columns, colour: true, unicode: true }).split('\n\n')[0] ?? ''
    for (const line of table.split('\n')) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns)
    expect(table.replace(/\s+/g, ' ')).toContain('seven')
  })

  test('is ASCII without escapes on a plain terminal, also with hostile text', () => {
    const text = verdictTable(
      [
        ...everyVerdict(),
        syntheticVerdict({ status: 'fail', observed: hostile, reason: hostile, scenario: hostile }),
        ...poisoned(everyVerdict()),
      ],
      plain,
    )
    expect(text).toMatch(/^[\n\x20-\x7e]*$/)
  })

  test('has no escapes except the colours of the table', () => {
    const text = verdictTable([syntheticVerdict({ status: 'fail', observed: hostile, reason: hostile })], {
      columns: 120,
      colour: true,
      unicode: true,
    })
    expect(text.replace(/\u001b\[(31|0)m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(text).toContain('\u001b[31m✗ fail\u001b[0m')
  })
})

test('only terminals without NO_COLOR get colour', () => {
  const tty = { isTTY: true, columns: 90 }
  expect(terminalOptions(tty, {})).toEqual({ columns: 90, colour: true, unicode: true })
  expect(terminalOptions(tty, { NO_COLOR: '1' }).colour).toBe(false)
  expect(terminalOptions(tty, { TERM: 'dumb' })).toEqual({ columns: 90, colour: false, unicode: false })
  expect(terminalOptions({}, {})).toEqual({ columns: 120, colour: false, unicode: false })
})
