import type { Status } from '../../harness/judge/verdict/verdict.ts'
import { statusStyles } from './statuses.ts'
import { ascii, oneLine } from './text.ts'

/** Capabilities of the terminal. */
export interface TerminalOptions {
  /** Width in characters. */
  readonly columns: number
  readonly colour: boolean
  readonly unicode: boolean
}

/** Detects capabilities: colour only on a terminal without NO_COLOR; plain ASCII and a fixed width for a file or a pipe. */
export function terminalOptions(
  stream: { isTTY?: boolean; columns?: number },
  env: NodeJS.ProcessEnv = process.env,
): TerminalOptions {
  const tty = stream.isTTY === true
  return {
    columns: (tty && stream.columns) || 120,
    colour: tty && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    unicode: tty && env['TERM'] !== 'dumb',
  }
}

/** Formats texts for one terminal. */
export interface TerminalFormat {
  /** A character of a horizontal line. */
  readonly bar: string
  /** A status with its sign. */
  readonly word: (status: Status) => string
  /** Text on one line, in the terminal's characters. */
  readonly line: (text: string) => string
  /** Text in the terminal's characters. */
  readonly plain: (text: string) => string
  readonly paint: (text: string, status: Status | undefined) => string
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

export function formatFor({ unicode, colour }: TerminalOptions): TerminalFormat {
  const plain = (text: string): string => (unicode ? text : ascii(text))
  return {
    bar: unicode ? '─' : '-',
    word: (status) =>
      `${unicode ? statusStyles[status].sign : statusStyles[status].asciiSign} ${statusStyles[status].word}`,
    line: (text) => plain(oneLine(text)),
    plain,
    paint: (text, status) => (colour && status ? `\u001b[${colours[status]}m${text}\u001b[0m` : text),
  }
}
