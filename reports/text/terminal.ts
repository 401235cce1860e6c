import Table from 'cli-table3'
import { type Drawing, inText } from '../../harness/judge/history/draw.ts'
import type { Status, Verdict } from '../../harness/judge/verdict/verdict.ts'
import { boundText, counted, marginText } from './figures.ts'
import type { Incomplete } from '../facts/incomplete.ts'
import { judgedRecordings } from '../facts/judged-recordings.ts'
import { countStatuses, exercised, gravestFirst, statusStyles, statusOrder, worstByContract } from './statuses.ts'
import { formatFor, type TerminalFormat, type TerminalOptions } from './terminal-format.ts'
import { oneLine } from './text.ts'
import { wrap } from './wrap.ts'

const head = ['contract', 'scenario', 'verdict', 'observed', 'bound', 'margin']
const statusColumn = head.indexOf('verdict')
const narrowest = 16

/**
 * Formats the exercised verdicts as a table that fits the terminal, the reasons of those that did not pass, the reasons why the
 * run is incomplete, and one line of counts.
 */
export function verdictTable(
  verdicts: readonly Verdict[],
  options: TerminalOptions,
  incomplete: readonly { readonly [K in keyof Incomplete]: string }[] = [],
): string {
  const format = formatFor(options)
  const numbered = judgedRecordings({ scenarios: [] }, verdicts).flatMap(({ label, verdicts: own }) =>
    own.map((verdict) => ({ ...verdict, scenario: label })),
  )
  const sorted = gravestFirst(exercised(numbered))
  const early = incomplete.map(({ scenario, cause, reason, where }) =>
    format.line(`incomplete: ${[scenario, where ? `${cause} at ${where}` : cause, reason].filter(Boolean).join(': ')}`),
  )
  const more = [...reasons(sorted, format), ...early]
  return [
    ...tableLines(sorted, options, format),
    '',
    ...more,
    ...(more.length > 0 ? [''] : []),
    countLine(verdicts, format.paint),
  ].join('\n')
}

function tableLines(sorted: readonly Verdict[], options: TerminalOptions, format: TerminalFormat): string[] {
  const rows = sorted.map((verdict) => rowOf(verdict, format))
  const widths = fit(rows, options.columns)
  const table = new Table({
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colWidths: widths,
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right'],
  })
  const total = widths.reduce((sum, width) => sum + width, 0)
  table.push(head, [{ colSpan: head.length, content: format.bar.repeat(total - 2) }])
  rows.forEach((row, index) => {
    const cells = row.map((cell, column) => wrap(cell, (widths[column] ?? 0) - 2))
    table.push(
      cells.map((cell, column) => (column === statusColumn ? format.paint(cell, sorted[index]?.status) : cell)),
    )
  })
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
}

function rowOf(verdict: Verdict, format: TerminalFormat): string[] {
  const { contract, scenario, status, observed } = verdict
  return [contract, scenario, format.word(status), observed, boundText(verdict), marginText(verdict.margin)].map(
    format.line,
  )
}

/** The reason of each verdict that did not pass, with the drawing of its history. */
function reasons(sorted: readonly Verdict[], format: TerminalFormat): string[] {
  return sorted
    .filter(({ status }) => status !== 'pass')
    .flatMap(({ status, code, contract, scenario, reason, drawing }) => [
      `${format.paint(format.line(format.word(status)), status)}  ${format.line(`${contract} (${scenario}) ${code}: ${reason}`)}`,
      ...(drawing === undefined ? [] : historyLines(drawing).map((line) => `    ${format.plain(line)}`)),
    ])
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
    return count > 0 ? [paint(`${count} ${statusStyles[status].word}`, status)] : []
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
