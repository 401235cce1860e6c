import { duration } from '../text/figures.ts'
import { oneLine } from '../text/text.ts'
import type { ProbeState } from './last-second.ts'
import type { News, Situation } from './situation.ts'

const mostLines = 8

/** Formats the live view: one line for each aspect that has data. */
export function situationLines(situation: Situation, columns: number): string[] {
  const { scenario, step, faults, leaders, nodes, probes, now } = situation
  const aspects: [name: string, text: string][] = []
  if (scenario)
    aspects.push(['scenario', `${scenario.name} for ${duration(now - scenario.since)}${step && `: ${step}`}`])
  for (const { description, since } of faults) aspects.push(['fault', `${description}, for ${duration(now - since)}`])
  // One character less than the width: a wrapped line can't be overwritten.
  const width = Math.max(1, columns - 11)
  const leading = leaders.all.map(([component, leader]) => `${component} ${leader || 'no leader'}`)
  for (const line of packed(leading, width)) aspects.push(['leaders', line])
  if (nodes.all.length > 0) aspects.push(['nodes', nodesText(nodes.all)])
  for (const line of probeLines(probes.all, width)) aspects.push(['probes', line])
  return aspects.map(([name, text]) => `${name.padEnd(8)}  ${oneLine(text, width)}`)
}

/** `  12.3 s  worker1: not ready` */
export function newsLine({ at, text }: News): string {
  return `${(at / 1000).toFixed(1).padStart(6)} s  ${oneLine(text)}`
}

function nodesText(nodes: readonly (readonly [name: string, state: string])[]): string {
  const other = nodes.filter(([, state]) => state !== 'ready').map(([name, state]) => `${name} ${state}`)
  return [`${nodes.length - other.length} of ${nodes.length} ready`, ...other].join(', ')
}

/** One line for all probes, then each probe as far as there is room: failing ones first. */
function probeLines(probes: readonly ProbeState[], width: number): string[] {
  if (probes.length === 0) return []
  const sum = (of: (probe: ProbeState) => number): number => probes.reduce((total, probe) => total + of(probe), 0)
  const slowest = Math.max(...probes.map(({ slowestMs }) => slowestMs))
  const answered = sum(({ attempts, failed }) => attempts - failed)
  const failing = probes.filter(({ failed }) => failed > 0)
  const well = probes.filter(({ failed }) => failed === 0)
  return [
    `last second of ${probes.length} probes: ${answered} of ${sum(({ attempts }) => attempts)} answered, slowest ${duration(slowest)}`,
    ...packed(
      [
        ...failing.map(({ name, attempts, failed }) => `${name}: ${failed} of ${attempts} failed`),
        ...well.map(({ name, attempts, slowestMs }) => `${name} ${attempts} in ${duration(slowestMs)}`),
      ],
      width,
    ),
  ]
}

/** Packs items into lines; items beyond the last line are counted. */
function packed(items: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const [n, item] of items.entries()) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 2 + item.length <= width) lines[lines.length - 1] = `${last}, ${item}`
    else if (lines.length < mostLines) lines.push(item)
    else return [...lines, `and ${items.length - n} more`]
  }
  return lines
}
