import type { JournalRecord, RecordKind } from '../../record/records.ts'
import type { Interval } from '../faults/fault-windows.ts'

/*
 * Attacks on a journal's file, line by line: each changes it in one place. `at` is the share of the file, or of the
 * lines of one kind, at which it happens, from 0 to 1.
 */

export type Lines = readonly string[]
export type Attack = (lines: Lines, at: number) => Lines

/** Attacks on one line of a kind, or on all of them. */
export const attacksOnKind: Readonly<Record<string, (kind: string) => Attack>> = {
  'remove one': (kind) => (lines, at) => lines.toSpliced(oneOf(lines, kind, at), 1),
  'remove all': (kind) => (lines) => lines.filter((line) => !isOf(line, kind)),
  'repeat one': (kind) => (lines, at) => {
    const index = oneOf(lines, kind, at)
    return lines.toSpliced(index, 0, lines[index] ?? '')
  },
  'move one': (kind) => (lines, at) => {
    const index = oneOf(lines, kind, at)
    const to = index < lines.length / 2 ? lines.length - 2 : 1
    return lines.toSpliced(index, 1).toSpliced(to, 0, lines[index] ?? '')
  },
  'change one': (kind) => (lines, at) => {
    const index = oneOf(lines, kind, at)
    return lines.with(index, (lines[index] ?? '').replace(/"at":[\d.]+/, '"at":1'))
  },
}

/** Attacks on the lines at a place. */
export const attacksOnPlace: Readonly<Record<string, Attack>> = {
  'cut a stretch': (lines, at) => lines.toSpliced(Math.floor(at * lines.length), Math.ceil(lines.length / 4)),
  'cut the tail': (lines, at) => lines.slice(0, Math.max(1, Math.floor(at * lines.length))),
}

/** Kinds that are recorded at a rate, or of every machine beside a fault, and from which a part may be missing without a trace. */
export const periodicKinds: readonly RecordKind[] = [
  'attempt',
  'containers',
  'etcd',
  'host',
  'processes',
  'rules',
  'stored',
  'write',
]

/** The records without those of a kind in a part of the time: what an observer leaves that stopped for a while. */
export function withoutPart(
  records: readonly JournalRecord[],
  kind: RecordKind,
  { from, until }: Interval,
): JournalRecord[] {
  return records.filter((record) => record.kind !== kind || record.at < from || record.at > until)
}

export function kindsOf(lines: Lines): string[] {
  return [...new Set(lines.map((line) => /^\{"kind":"(\w+)"/.exec(line)?.[1] ?? ''))]
}

function oneOf(lines: Lines, kind: string, at: number): number {
  const own = [...lines.keys()].filter((index) => isOf(lines[index] ?? '', kind))
  return own[Math.min(own.length - 1, Math.floor(at * own.length))] ?? 0
}

function isOf(line: string, kind: string): boolean {
  return line.startsWith(`{"kind":"${kind}"`)
}
