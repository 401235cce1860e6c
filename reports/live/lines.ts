import { duration } from '../figures.ts'
import { oneLine } from '../text.ts'
import type { ProbeState } from './last-second.ts'
import type { News, Situation } from './situation.ts'

const mostLines = 8

/** A live view, a line an aspect; what there is nothing to say of is left out. */
export function situationLines(situation: Situation, columns: number): string[] {
  const { scenario, step, faults, leaders, nodes, probes, now } = situation
  const aspects: [name: string, text: string][] = []
  if (scenario)
    aspects.push(['scenario', `${scenario.name} for ${duration(now - scenario.since)}${step && `: ${step}`}`])
  for (const { words, since } of faults) aspects.push(['fault', `${words}, for ${duration(now - since)}`])
  // One character short of the width, or the terminal wraps and the line can't be taken back.
  const width = Math.max(1, columns - 11)
  const leading = leaders.all.map(([component, leader]) => `${component} ${leader || 'nobody'}`)
  for (const line of packed(leading, width)) aspects.push(['leaders', line])
  if (nodes.all.length > 0) aspects.push(['nodes', nodesInWords(nodes.all)])
  for (const line of probesInWords(probes.all, width)) aspects.push(['probes', line])
  return aspects.map(([name, text]) => `${name.padEnd(8)}  ${oneLine(text, width)}`)
}

/** `  12.3 s  worker1: not ready` */
export function newsLine({ at, text }: News): string {
  return `${(at / 1000).toFixed(1).padStart(6)} s  ${oneLine(text)}`
}

function nodesInWords(nodes: readonly (readonly [name: string, state: string])[]): string {
  const other = nodes.filter(([, state]) => state !== 'ready').map(([name, state]) => `${name} ${state}`)
  return [`${nodes.length - other.length} of ${nodes.length} ready`, ...other].join(', ')
}

/** All together, and then each by itself as far as there is room: those that fail first, with how slow the others were. */
function probesInWords(probes: readonly ProbeState[], width: number): string[] {
  if (probes.length === 0) return []
  const sum = (of: (probe: ProbeState) => number): number => probes.reduce((total, probe) => total + of(probe), 0)
  const slowest = Math.max(...probes.map(({ slowestMs }) => slowestMs))
  const answered = sum(({ attempts, failed }) => attempts - failed)
  const failing = probes.filter(({ failed }) => failed > 0)
  const well = probes.filter(({ failed }) => failed === 0)
  return [
    `last second of ${probes.length}: ${answered} of ${sum(({ attempts }) => attempts)} answered, slowest ${duration(slowest)}`,
    ...packed(
      [
        ...failing.map(({ name, attempts, failed }) => `${name}: ${failed} of ${attempts} failed`),
        ...well.map(({ name, attempts, slowestMs }) => `${name} ${attempts} in ${duration(slowestMs)}`),
      ],
      width,
    ),
  ]
}

/** As many of the words on a line as fit; what does not fit on the last line that there may be is counted. */
function packed(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const [n, word] of words.entries()) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 2 + word.length <= width) lines[lines.length - 1] = `${last}, ${word}`
    else if (lines.length < mostLines) lines.push(word)
    else return [...lines, `and ${words.length - n} more`]
  }
  return lines
}
