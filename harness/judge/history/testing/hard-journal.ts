import type { JournalRecord, RecordOf } from '../../../record/records.ts'
import { consistency } from '../../testing/sample-journals.ts'
import type { Operation } from '../history.ts'
import { withoutRevisions } from './without-revisions.ts'

type Store = RecordOf<'operation'>['store']

/**
 * The consistency scenario's sample journal, with one more object on which `writers` write at the end: only a search
 * decides it.
 */
export function hardJournal(store: Store, writers: number): JournalRecord[] {
  const journal = consistency()
  const lists = journal.filter((record) => record.kind === 'listing')
  const begins = Math.max(...lists.map(({ endedAt }) => endedAt)) + 1
  const records = withoutRevisions({ key: 'hard', writers }).map((one) => recordOf(one, store, begins))
  const place = journal.findIndex(({ at }) => at > begins)
  return journal.toSpliced(place, 0, ...records)
}

function recordOf(one: Operation, store: Store, begins: number): JournalRecord {
  const { client, key, kind, call, end, outcome, value, revision } = one
  return {
    kind: 'operation',
    at: begins + call,
    endedAt: begins + end,
    client,
    via: 'one of them',
    store,
    operation: kind,
    key,
    outcome,
    value,
    ...(revision === 0 ? {} : { revision }),
  }
}
