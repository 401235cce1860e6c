import type { Status, Verdict } from '../harness/judge/verdict.ts'

/** How a status looks everywhere: never by colour alone, so each has a word and a sign of its own shape. */
export interface StatusLook {
  readonly word: string
  readonly sign: string
  readonly asciiSign: string
  /** What it means to somebody who has not read the documentation. */
  readonly meaning: string
}

export const looks: Readonly<Record<Status, StatusLook>> = {
  fail: { word: 'fail', sign: '✗', asciiSign: 'x', meaning: 'the promise was broken' },
  late: { word: 'late', sign: '◷', asciiSign: '>', meaning: 'kept, but past its bound' },
  invalid: { word: 'invalid', sign: '⊘', asciiSign: '!', meaning: 'the fault is not proven to have bitten' },
  inconclusive: { word: 'inconclusive', sign: '?', asciiSign: '?', meaning: 'the rig saw too little to say' },
  known: { word: 'known', sign: '≈', asciiSign: '~', meaning: 'deviates as a listed upstream issue says' },
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
  pass: { word: 'pass', sign: '✓', asciiSign: '+', meaning: 'the promise was kept' },
}

/** What needs a look first comes first. */
export const statusOrder = Object.keys(looks) as readonly Status[]

/** Failed first, then by scenario as it ran, then by contract. */
export function failedFirst(verdicts: readonly Verdict[]): readonly Verdict[] {
  const rank = new Map(statusOrder.map((status, index) => [status, index]))
  return verdicts.toSorted((a, b) => (rank.get(a.status) ?? 0) - (rank.get(b.status) ?? 0))
}

export type Counts = Readonly<Record<Status, number>>

export function countStatuses(verdicts: readonly Verdict[]): Counts {
  const counts: Record<Status, number> = {
    pass: 0,
    fail: 0,
    late: 0,
    known: 0,
    invalid: 0,
    inconclusive: 0,
    'not-applicable': 0,
    'not-exercised': 0,
  }
  for (const { status } of verdicts) counts[status] += 1
  return counts
}
