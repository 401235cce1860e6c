import { type JudgeOptions, judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict/verdict.ts'
import type { JournalRecord } from '../record/records.ts'
import { contracts } from './catalogue.ts'
import { knownDeviations } from './known-deviations.ts'

/** Judges a journal by Holdfast's own contracts and known deviations. @throws HoldfastError HF_UNKNOWN_CONTRACT */
export function judgeJournal(
  journal: Iterable<JournalRecord>,
  options: Pick<JudgeOptions, 'contracts'> = {},
): Verdict[] {
  return judge(journal, { catalogue: contracts, deviations: knownDeviations, ...options })
}
