import { describe, expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { SampleJournal } from '../../judge/testing/changed-sample.ts'
import { consistency } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { Verdict } from '../../judge/verdict/verdict.ts'

/* Wrong reports in which all witnesses of one sort agree: another source contradicts them. */

const sound = new SampleJournal(consistency())

describe('wrong reports on which all watches and lists agree', () => {
  const streams = new Set(sound.of('stream').flatMap(({ id, store }) => (store === 'apiserver' ? [id] : [])))
  const events = sound.of('notification').filter(({ stream, event }) => streams.has(stream) && event !== 'bookmark')

  test('API-04 fails for a change that no client requested', () => {
    const one = events.findLast(({ event }) => event === 'modified')
    const journal = sound.records.flatMap((record) => {
      if (!one || record !== one) return [record]
      const ghost = { ...one, value: 'never written', revision: one.revision - 0.5 }
      return [ghost, record]
    })
    expect(verdictOf('API-04', journal)).toMatchObject({
      code: 'EVENT_INVENTED',
      drawing: { lanes: [{ bars: [{ shows: true, words: expect.stringContaining('never written') }] }] },
    })
  })

  test('API-04 fails for a deletion that no watch reports', () => {
    const gone = events.find(
      ({ event, key, revision, stream }) =>
        event === 'deleted' &&
        !sound.of('operation').some((one) => one.store === 'apiserver' && one.revision === revision) &&
        events.some((other) => other.stream === stream && other.key === key && other.revision < revision) &&
        events.some((other) => other.stream === stream && other.key === key && other.revision > revision),
    )
    const untold = sound.withChanged(gone, undefined).filter(({ kind }) => kind !== 'listing')
    const lists = sound.records.filter((one) => one.kind === 'listing' && !covers(one, gone))
    const journal = [...untold, ...lists].sort((a, b) => a.at - b.at)
    expect(verdictOf('API-04', journal)).toMatchObject({ status: 'fail', code: 'EVENT_LOST' })
  })
})

/** Whether a list was taken between the end of an object and its next creation: such a list contradicts the watches. */
function covers({ parts: [revision = 0] }: RecordOf<'listing'>, gone: RecordOf<'notification'> | undefined): boolean {
  const next = sound
    .of('notification')
    .find(({ key, revision: later, event }) => event === 'added' && key === gone?.key && later > (gone?.revision ?? 0))
  return revision >= (gone?.revision ?? 0) && revision < (next?.revision ?? Infinity)
}

test.each([
  ['a deletion before its request', { operation: 'delete', precondition: 9_001 }],
  ['a revision that a read reported with another value', { operation: 'get', revision: 9_002, value: 'new' }],
] as const)('API-03 fails for a list that still has %s', (_, known) => {
  const end = sound.of('compaction')[0]?.at ?? 0
  const about = { kind: 'operation', client: 'c', via: 'a', store: 'apiserver', key: 'z', outcome: 'ok' } as const
  const write = { ...about, operation: 'create', value: 'old', revision: 9_001, at: end - 9, endedAt: end - 8 } as const
  const read = { ...write, operation: 'get', at: end - 8, endedAt: end - 7 } as const
  // The outcome is unknown until a client reads the object.
  const patch = {
    ...about,
    operation: 'patch',
    outcome: 'unknown',
    value: 'new',
    at: end - 7,
    endedAt: end - 6,
  } as const
  const next = { ...about, ...known, at: end - 5, endedAt: end - 4 } as const
  const list = sound.of('listing').findLast(({ store, client }) => store === 'apiserver' && client === 'lister')
  const items = { z: { revision: 9_001, value: 'old' } }
  const stale = {
    ...list,
    at: end - 3,
    endedAt: end - 2,
    how: 'consistent',
    parts: [9_001],
    items,
  } as RecordOf<'listing'>
  const judged = (records: readonly JournalRecord[]): Verdict => {
    const place = sound.records.findIndex(({ kind }) => kind === 'compaction')
    // The list covers none of the sample journal's other objects.
    return verdictOf('API-03', sound.records.toSpliced(place, 0, ...records).filter(isOf('z')))
  }
  expect(judged([write, read, patch, stale]).status).toBe('pass')
  expect(judged([write, read, patch, next, stale])).toMatchObject({
    status: 'fail',
    drawing: { lanes: expect.anything() },
  })
})

function isOf(key: string): (record: JournalRecord) => boolean {
  return (record) =>
    (record.kind !== 'operation' || record.key === key) && (record.kind !== 'listing' || key in record.items)
}
