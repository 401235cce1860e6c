import type { Sight } from './history.ts'

/**
 * A history as a drawing: one lane a client, one bar for each request or report. Positions are shares of the whole
 * time, from 0 to 1.
 */
export interface Drawing {
  readonly lanes: readonly {
    readonly client: string
    readonly bars: readonly Bar[]
  }[]
  /** Milliseconds from the first call to the last recorded return. */
  readonly spanMs: number
}

interface Bar {
  readonly from: number
  readonly to: number
  /** Never answered. */
  readonly open: boolean
  readonly writes: boolean
  /** Whether it shows the violation. */
  readonly shows: boolean
  readonly words: string
}

/** Lays a (small) history out on lanes. */
export function draw(sights: readonly Sight[]): Drawing {
  const begin = Math.min(...sights.map(({ call }) => call))
  const finite = sights.flatMap(({ call, end }) => (end === Infinity ? [call] : [call, end]))
  const spanMs = Math.max(...finite) - begin
  // An unanswered operation may take effect at any later time: its bar ends at the right edge.
  const place = (at: number): number => (at === Infinity ? 1 : spanMs === 0 ? 0 : (at - begin) / spanMs)
  const clients = Map.groupBy(
    sights.toSorted((a, b) => a.call - b.call),
    ({ client }) => client,
  )
  const lanes = [...clients].map(([client, own]) => ({
    client,
    bars: own.map(({ call, end, writes, shows, description }) => ({
      from: place(call),
      to: place(end),
      open: end === Infinity,
      writes,
      shows,
      words: description,
    })),
  }))
  return { lanes, spanMs }
}

/**
 * The drawing in plain text, a line an operation: `client1
 * [-------]  
 * get k by client1: absent`.
 */
export function inText({ lanes, spanMs }: Drawing, width = 48): string {
  const longest = Math.max(...lanes.map(({ client }) => client.length))
  const lines = lanes.flatMap(({ client, bars }) =>
    bars.map(({ from, to, open, words }, n) => {
      const [left, right] = [Math.round(from * (width - 2)), Math.round(to * (width - 2)) + 1]
      const bar = `${' '.repeat(left)}[${'-'.repeat(Math.max(0, right - left - 1))}${open ? '>' : ']'}`
      return `${(n === 0 ? client : '').padEnd(longest)} |${bar.padEnd(width)}| ${words}`
    }),
  )
  return [...lines, `${' '.repeat(longest)}  ${spanMs.toFixed(1)} ms in all`].join('\n')
}
