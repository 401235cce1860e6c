import { styleText } from 'node:util'

/** Lines for people go to stderr when stdout carries JSON, else to stdout. */
export interface Output {
  readonly json: boolean
  /** A line for people. */
  say(text: string): void
  /** A line about how things go; always on stderr, so that what is piped on is the result alone. */
  note(text: string): void
  /** The result for machines; does nothing without --json. */
  result(value: unknown): void
}

export function output(json: boolean): Output {
  const say = json ? process.stderr : process.stdout
  return {
    json,
    say: (text) => void say.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    result: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
  }
}

/** Plain columns, as wide as their widest cell; the last one runs on. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Colour on a terminal that wants it (NO_COLOR and pipes are respected). */
export function paint(colour: 'red' | 'green' | 'yellow' | 'dim', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
