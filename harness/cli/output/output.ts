import { styleText } from 'node:util'

/** Output of a command: text for people, JSON for programs. */
export interface Output {
  readonly json: boolean
  /** Prints a line of the result: on stdout, or on stderr with --json. */
  print(text: string): void
  /** Prints a line of progress on stderr, so that stdout carries only the result. */
  note(text: string): void
  /** Prints the result as JSON; does nothing without --json. */
  result(value: unknown): void
}

export function output(json: boolean): Output {
  const stream = json ? process.stderr : process.stdout
  return {
    json,
    print: (text) => void stream.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    result: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
  }
}

/** Formats rows as columns, each as wide as its widest cell; the last column is not padded. */
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

/** Colours text on a terminal; respects NO_COLOR and pipes. */
export function paint(colour: 'red' | 'green' | 'yellow' | 'dim', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
