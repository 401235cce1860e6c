import Table from 'cli-table3'
import { type Drawing, inText } from '../../harness/judge/history/draw.ts'
import type { Status, Verdict } from '../../harness/judge/verdict/verdict.ts'
import { boundText, counted, marginText } from './figures.ts'
import type { Incomplete } from '../facts/incomplete.ts'
import { judgedRecordings } from '../facts/judged-recordings.ts'
import { countStatuses, exercised, gravestFirst, looks, statusOrder, worstByContract } from './statuses.ts'
import { ascii, oneLine } from './text.ts'
import { wrap } from './wrap.ts'

/** Capabilities of the terminal. */
export interface TerminalLook {
  /** Width in characters. */
  readonly columns: number
  readonly colour: boolean
  readonly unicode: boolean
}

/** Detects capabilities: colour only on a terminal without NO_COLOR; plain ASCII and a fixed width for a file or a pipe. */
export function terminalLook(
  stream: { isTTY?: boolean; columns?: number },
  env: NodeJS.ProcessEnv = process.env,
): TerminalLook {
  const tty = stream.isTTY === true
  return {
    columns: (tty && stream.columns) || 120,
    colour: tty && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    unicode: tty && env['TERM'] !== 'dumb',
  }
}

const colours: Readonly<Record<Status, number>> = {
  pass: 32,
  fail: 31,
  late: 33,
  known: 36,
  invalid: 35,
  inconclusive: 35,
  'not-applicable': 90,
  'not-exercised': 90,
}
const head = ['contract', 'scenario', 'verdict', 'observed', 'bound', 'margin']
const narrowest = 16

/**
 * Formats the exercised verdicts as a table that fits the terminal, the reasons of those that did not pass, the reasons why the
 * run is incomplete, and one line of counts.
 */
export function verdictTable(
  verdicts: readonly Verdict[],
  look: TerminalLook,
  incomplete: readonly { readonly [K in keyof Incomplete]: string }[] = [],
): string {
  const numbered = judgedRecordings({ scenarios: [] }, verdicts).flatMap(({ label, verdicts: own }) =>
    own.map((verdict) => ({ ...verdict, scenario: label })),
  )
  const sorted = gravestFirst(exercised(numbered))
  const rows = sorted.map((verdict) =>
    [
      verdict.contract,
      verdict.scenario,
      word(verdict.status),
      verdict.observed,
      boundText(verdict),
      marginText(verdict.margin),
    ].map(written),
  )
  const widths = fit(rows, look.columns)
  const bar = look.unicode ? '─' : '-'
  const silent = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  }
  const table = new Table({
    chars: { ...silent, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colWidths: widths,
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right'],
  })
  const total = widths.reduce((sum, width) => sum + width, 0)
  table.push(head, [{ colSpan: head.length, content: bar.repeat(total - 2) }])
  rows.forEach((row, index) => {
    const cells = row.map((cell, column) => wrap(cell, (widths[column] ?? 0) - 2))
    table.push(cells.map((cell, column) => (column === 2 ? paint(cell, sorted[index]?.status) : cell)))
  })
  const reasons = sorted
    .filter(({ status }) => status !== 'pass')
    .flatMap(({ status, contract, scenario, reason, drawing }) => [
      `${paint(written(word(status)), status)}  ${written(`${contract} (${scenario}): ${reason}`)}`,
      ...(drawing === undefined ? [] : historyLines(drawing).map((line) => `    ${look.unicode ? line : ascii(line)}`)),
    ])
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  const early = incomplete.map(({ scenario, cause, reason, where }) =>
    written(`incomplete: ${[scenario, where ? `${cause} at ${where}` : cause, reason].filter(Boolean).join(': ')}`),
  )
  const more = [...reasons, ...early]
  return [...lines, '', ...more, ...(more.length > 0 ? [''] : []), countLine(verdicts, paint)].join('\n')

  function word(status: Status): string {
    return `${look.unicode ? looks[status].sign : looks[status].asciiSign} ${looks[status].word}`
  }
  function written(text: string): string {
    return look.unicode ? oneLine(text) : ascii(oneLine(text))
  }
  function paint(text: string, status: Status | undefined): string {
    return look.colour && status ? `\u001b[${colours[status]}m${text}\u001b[0m` : text
  }
}

/** Draws a history as text. Names from the cluster are untrusted: each stays on its line. */
function historyLines(drawing: Drawing): string[] {
  const lanes = drawing.lanes.map(({ client, bars }) => ({
    client: oneLine(client, 40),
    bars: bars.map((bar) => ({ ...bar, words: oneLine(bar.words, 120) })),
  }))
  return inText({ ...drawing, lanes }).split('\n')
}

/** Counts contracts by their worst verdict, and the verdicts that the table omits. */
function countLine(verdicts: readonly Verdict[], paint: (text: string, status: Status) => string): string {
  const { 'not-exercised': idle, ...counts } = countStatuses(worstByContract(verdicts))
  const parts = statusOrder.flatMap((status) => {
    const count = status === 'not-exercised' ? 0 : counts[status]
    return count > 0 ? [paint(`${count} ${looks[status].word}`, status)] : []
  })
  const judged = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const unlisted = verdicts.length - exercised(verdicts).length
  const none = idle > 0 ? `; not exercised: ${counted(idle, 'contract')}` : ''
  const rest = unlisted > 0 ? `${none}; not listed: ${counted(unlisted, 'verdict')} not exercised` : ''
  if (judged === 0) return `No contract was judged${rest}.`
  return `${counted(judged, 'contract')} judged: ${parts.join(', ')}${rest}`
}

/** Gives each column the width it needs; excess is taken from `observed`, then from `scenario`, `bound` and `contract`. */
function fit(rows: readonly (readonly string[])[], columns: number): number[] {
  const widths = head.map((title, column) => 2 + Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  for (const column of [3, 1, 4, 0]) {
    const excess = widths.reduce((sum, width) => sum + width, 0) - columns
    const width = widths[column] ?? 0
    if (excess > 0) widths[column] = Math.max(Math.min(width, narrowest), width - excess)
  }
  return widths
}
