import { severity, worstOf } from '../../harness/judge/verdict/severity.ts'
import type { Status, Verdict } from '../../harness/judge/verdict/verdict.ts'

/** How all reports show a status: with a word and a sign, never by colour alone. */
export interface StatusStyle {
  readonly word: string
  readonly sign: string
  readonly asciiSign: string
  /** Explanation that needs no documentation. */
  readonly meaning: string
}

export const statusStyles: Readonly<Record<Status, StatusStyle>> = {
  fail: { word: 'fail', sign: '✗', asciiSign: 'x', meaning: 'the promise was broken' },
  late: { word: 'late', sign: '◷', asciiSign: '>', meaning: 'the promise was kept after its bound' },
  invalid: { word: 'invalid', sign: '⊘', asciiSign: '!', meaning: 'the fault’s effect or its end is not proven' },
  inconclusive: {
    word: 'inconclusive',
    sign: '?',
    asciiSign: '?',
    meaning: 'the recording lacks the data to decide',
  },
  known: { word: 'known', sign: '≈', asciiSign: '~', meaning: 'a known upstream issue explains the deviation' },
  pass: { word: 'pass', sign: '✓', asciiSign: '+', meaning: 'the promise was kept' },
  'not-applicable': {
    word: 'not applicable',
    sign: '–',
    asciiSign: '-',
    meaning: 'the scenario does not apply to this cluster',
  },
  'not-exercised': {
    word: 'not exercised',
    sign: '·',
    asciiSign: '.',
    meaning: 'the recording does not contain the condition that the promise is about',
  },
}

/** The most severe first: the judge's order, reversed. */
export const statusOrder: readonly Status[] = severity.toReversed()

/** Sorts the most severe first; verdicts of one status keep their order. */
export function gravestFirst<T extends Pick<Verdict, 'status'>>(verdicts: readonly T[]): readonly T[] {
  return verdicts.toSorted((a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status))
}

/** Returns the verdicts that reports list individually. */
export function exercised<T extends Pick<Verdict, 'status'>>(verdicts: readonly T[]): T[] {
  return verdicts.filter(({ status }) => status !== 'not-exercised')
}

export type Counts = Readonly<Record<Status, number>>

export function countStatuses(verdicts: readonly Pick<Verdict, 'status'>[]): Counts {
  const counts = Object.fromEntries(severity.map((status) => [status, 0])) as Record<Status, number>
  for (const { status } of verdicts) counts[status] += 1
  return counts
}

/** Returns each contract with its most severe verdict over all recordings, in the order of the catalogue. */
export function worstByContract(
  verdicts: readonly Pick<Verdict, 'contract' | 'status'>[],
): { readonly contract: string; readonly status: Status }[] {
  return [...Map.groupBy(verdicts, ({ contract }) => contract)].map(([contract, own]) => ({
    contract,
    status: worstOf(own.map(({ status }) => status)),
  }))
}
