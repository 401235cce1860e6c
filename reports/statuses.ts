import { severity, worstOf } from '../harness/judge/severity.ts'
import type { Status, Verdict } from '../harness/judge/verdict.ts'

/** How a status looks everywhere: never by colour alone, so each has a word and a sign of its own shape. */
export interface StatusLook {
  readonly word: string
  readonly sign: string
  readonly asciiSign: string
  /** What it means to a reader who does not know the documentation. */
  readonly meaning: string
}

export const looks: Readonly<Record<Status, StatusLook>> = {
  fail: { word: 'fail', sign: '✗', asciiSign: 'x', meaning: 'the promise was broken' },
  late: { word: 'late', sign: '◷', asciiSign: '>', meaning: 'kept, but past its bound' },
  invalid: { word: 'invalid', sign: '⊘', asciiSign: '!', meaning: 'the fault has no proof of effect' },
  inconclusive: {
    word: 'inconclusive',
    sign: '?',
    asciiSign: '?',
    meaning: 'the recording holds too little to decide',
  },
  known: { word: 'known', sign: '≈', asciiSign: '~', meaning: 'deviates as a listed upstream issue says' },
  pass: { word: 'pass', sign: '✓', asciiSign: '+', meaning: 'the promise was kept' },
  'not-applicable': {
    word: 'not applicable',
    sign: '–',
    asciiSign: '-',
    meaning: 'this cluster does not make the promise',
  },
  'not-exercised': {
    word: 'not exercised',
    sign: '·',
    asciiSign: '.',
    meaning: 'the recording does not put the promise to the test',
  },
}

/** The gravest first: the judge's own order, from the other end. */
export const statusOrder: readonly Status[] = severity.toReversed()

/** The gravest first; of one status, in the order given. */
export function gravestFirst<T extends Pick<Verdict, 'status'>>(verdicts: readonly T[]): readonly T[] {
  return verdicts.toSorted((a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status))
}

/** The verdicts that reports list one by one. */
export function exercised<T extends Pick<Verdict, 'status'>>(verdicts: readonly T[]): T[] {
  return verdicts.filter(({ status }) => status !== 'not-exercised')
}

export type Counts = Readonly<Record<Status, number>>

export function countStatuses(verdicts: readonly Pick<Verdict, 'status'>[]): Counts {
  const counts = Object.fromEntries(severity.map((status) => [status, 0])) as Record<Status, number>
  for (const { status } of verdicts) counts[status] += 1
  return counts
}

/** Each contract with its gravest verdict over all recordings, in the order of the catalogue. */
export function worstByContract(
  verdicts: readonly Pick<Verdict, 'contract' | 'status'>[],
): { readonly contract: string; readonly status: Status }[] {
  return [...Map.groupBy(verdicts, ({ contract }) => contract)].map(([contract, own]) => ({
    contract,
    status: worstOf(own.map(({ status }) => status)),
  }))
}
