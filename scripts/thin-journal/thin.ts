/** One line of a journal as it was written, whatever its schema. */
export type Line = Readonly<Record<string, unknown>> & { readonly kind: string }

/** What a recording carries from before its scenario; of residue checks between scenarios no contract reads anything. */
const common: ReadonlySet<string> = new Set(['run', 'cluster', 'config'])
/** Kinds that no contract reads. */
const unread: ReadonlySet<string> = new Set(['conntrack', 'residue'])
const times = ['at', 'sentAt', 'endedAt', 'until'] as const

/** How much of a journal is left out. */
export interface Thinning {
  readonly digits: number
  readonly every: number
}

/** Lines without their chain values: a thinned journal gets new ones. */
export function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { chain: _, ...own } = JSON.parse(line) as Line
      return own as Line
    })
}

/** The journal of a run that ran this scenario only, and once. */
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
 * The same lines, smaller: times in milliseconds with `digits` decimals, and of each probe's answered attempts one in `every`.
 * Attempts that failed stay, with the answered ones beside them, so that every outage keeps its edges.
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
