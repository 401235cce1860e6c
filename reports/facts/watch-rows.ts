import { recordings } from '../../harness/judge/recording/recording.ts'
import { span } from '../../harness/judge/recording/cluster-facts.ts'
import { witnessed } from '../../harness/judge/coverage/witness.ts'
import type { JournalRecord } from '../../harness/record/records.ts'

/** All watches of one API server in one recording of a scenario, compared with etcd. */
export interface WatchRow {
  readonly scenario: string
  /** When the recording began. */
  readonly at: number
  readonly source: string
  readonly stored: number
  readonly dropped: number
  readonly doubled: number
  readonly inGaps: number
  readonly unconfirmed: number
}

/** The kinds that the comparison needs. They are a small part of a journal, and only they must be sorted. */
const needed: ReadonlySet<JournalRecord['kind']> = new Set(['scenario', 'watch', 'mark', 'gap', 'stored'])

export function watchRows(journal: readonly JournalRecord[]): WatchRow[] {
  return recordings(journal.filter(({ kind }) => needed.has(kind))).flatMap((recording) => {
    const sources = Map.groupBy(witnessed(recording), ({ source }) => source)
    return [...sources].map(([source, all]) => {
      const sum = (of: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + of(one), 0)
      return {
        scenario: recording.scenario,
        at: span(recording).from,
        source,
        stored: sum(({ stored }) => stored),
        dropped: sum(({ dropped }) => dropped.length),
        doubled: sum(({ doubled }) => doubled.length),
        inGaps: sum(({ inGaps }) => inGaps),
        unconfirmed: sum(({ unconfirmed }) => unconfirmed),
      }
    })
  })
}
