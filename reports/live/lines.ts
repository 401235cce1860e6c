import { duration } from '../figures.ts'
import { oneLine } from '../text.ts'
import type { ProbeState } from './last-second.ts'
import type { News, Situation } from './situation.ts'

/** A live view, a line an aspect; what there is nothing to say of is left out. */
export function situationLines(situation: Situation, columns: number): string[] {
  const { scenario, step, faults, leaders, nodes, probes, now } = situation
  const aspects: [name: string, text: string][] = []
  if (scenario)
    aspects.push(['scenario', `${scenario.name} for ${duration(now - scenario.since)}${step && `: ${step}`}`])
  for (const { words, since } of faults) aspects.push(['fault', `${words}, for ${duration(now - since)}`])
  if (leaders.all.length > 0)
    aspects.push(['leaders', leaders.all.map(([component, leader]) => `${component} ${leader || 'nobody'}`).join(', ')])
  if (nodes.all.length > 0) aspects.push(['nodes', nodesInWords(nodes.all)])
  for (const line of probesInWords(probes.all)) aspects.push(['probes', line])
  // One character short of the width, or the terminal wraps and the line can't be taken back.
  return aspects.map(([name, text]) => `${name.padEnd(8)}  ${oneLine(text, Math.max(1, columns - 11))}`)
}

/** `  12.3 s  worker1: not ready` */
export function newsLine({ at, text }: News): string {
  return `${(at / 1000).toFixed(1).padStart(6)} s  ${oneLine(text)}`
}

function nodesInWords(nodes: readonly (readonly [name: string, state: string])[]): string {
  const other = nodes.filter(([, state]) => state !== 'ready').map(([name, state]) => `${name} ${state}`)
  return [`${nodes.length - other.length} of ${nodes.length} ready`, ...other].join(', ')
}

function probesInWords(probes: readonly ProbeState[]): string[] {
  if (probes.length === 0) return []
  const failing = probes.filter(({ failed }) => failed > 0)
  const sum = (of: (probe: ProbeState) => number): number => probes.reduce((total, probe) => total + of(probe), 0)
  const slowest = Math.max(...probes.map(({ slowestMs }) => slowestMs))
  const answered = sum(({ attempts, failed }) => attempts - failed)
  return [
    `last second of ${probes.length}: ${answered} of ${sum(({ attempts }) => attempts)} answered, slowest ${duration(slowest)}`,
    ...failing.map(({ name, attempts, failed }) => `${name}: ${failed} of ${attempts} failed`),
  ]
}
