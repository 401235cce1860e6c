/** One line of a journal as written, in any schema version. */
export type Line = Readonly<Record<string, unknown>> & { readonly kind: string }

/** Kinds before a scenario that its recording includes. No contract reads residue checks between scenarios. */
const common: ReadonlySet<string> = new Set(['run', 'cluster', 'config'])
/** Kinds that no contract reads. */
const unread: ReadonlySet<string> = new Set(['conntrack', 'residue'])
const times = ['at', 'sentAt', 'endedAt', 'until'] as const

/** Decimals of times, and one of how many answered attempts stays. */
export interface Thinning {
  readonly digits: number
  readonly every: number
}

/** Parses lines and drops their chain values: a thinned journal gets new ones. */
export function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { chain: _, ...own } = JSON.parse(line) as Line
      return own as Line
    })
}

/** Returns the journal as if the run had one scenario and one repetition. */
export function ofScenario(lines: readonly Line[], name: string): Line[] {
  const from = lines.findIndex((line) => line.kind === 'scenario' && line['name'] === name && line['edge'] === 'start')
  const until = lines.findIndex((line) => line.kind === 'scenario' && line['name'] === name && line['edge'] === 'end')
  const before = lines.slice(0, from).filter(({ kind }) => common.has(kind))
  const cluster = before.findLastIndex(({ kind }) => kind === 'cluster')
  return [
    ...before.filter(({ kind }, index) => kind === 'run' || index >= cluster),
    ...lines.slice(from, until + 1),
    ...lines.filter(({ kind }) => kind === 'end'),
  ].map((line) => (line.kind === 'run' ? { ...line, scenarios: [name], repeat: undefined } : line))
}

/**
 * Rounds times to `digits` decimals of a millisecond and keeps one in `every` answered attempts of each probe. Failed attempts
 * and their neighbours stay, so that every outage keeps its edges.
 */
export function thinned(lines: readonly Line[], { digits, every }: Thinning): Line[] {
  const kept = keptAttempts(lines, every)
  return lines
    .filter((line) => !unread.has(line.kind) && (line.kind !== 'attempt' || kept.has(line)))
    .map((line) => rounded(line, digits))
}

function keptAttempts(lines: readonly Line[], every: number): ReadonlySet<Line> {
  const attempts = lines.filter(({ kind }) => kind === 'attempt')
  const probes = Map.groupBy(attempts, (line) =>
    ['service', 'from', 'protocol', 'to'].map((key) => line[key]).join(' '),
  )
  return new Set(
    [...probes.values()].flatMap((own) =>
      own.filter((line, index) => {
        const edge = own.slice(Math.max(0, index - 1), index + 2).some(({ ok }) => ok !== true)
        return edge || index % every === 0 || index === own.length - 1
      }),
    ),
  )
}

function rounded(line: Line, digits: number): Line {
  const changed = times.flatMap((key) => {
    const time = line[key]
    return typeof time === 'number' ? [[key, Number(time.toFixed(digits))] as const] : []
  })
  return { ...line, ...Object.fromEntries(changed) }
}
