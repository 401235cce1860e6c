import { describe, expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { SampleJournal } from '../../judge/testing/changed-sample.ts'
import { consistency } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { withWitness } from '../../judge/testing/witness.ts'

const sound = new SampleJournal(withWitness(consistency()))

const operation = (
  store: 'etcd' | 'apiserver',
  holds: (one: RecordOf<'operation'>) => boolean,
): RecordOf<'operation'> | undefined => sound.of('operation').findLast((one) => one.store === store && holds(one))

describe.each([
  ['API-03', 'apiserver'],
  ['ETCD-01', 'etcd'],
] as const)('%s', (id, store) => {
  const found = operation(store, ({ operation, revision }) => operation === 'get' && revision !== undefined)

  test('fails for a stale read', () => {
    const older = sound
      .of('operation')
      .find(
        (one) =>
          one.store === store && one.key === found?.key && one.operation === 'create' && one.revision !== undefined,
      )
    const change = { revision: older?.revision ?? 0, value: older?.value ?? '' }
    expect(verdictOf(id, sound.withChanged(found, change))).toMatchObject({
      status: 'fail',
      bound: { limit: 0 },
      drawing: {
        lanes: expect.arrayContaining([
          expect.objectContaining({
            bars: expect.arrayContaining([
              expect.objectContaining({ words: expect.stringContaining(`get ${found?.key}`), shows: true }),
            ]),
          }),
        ]),
      },
    })
  })

  test('fails for an invented read and for a lost confirmed write', () => {
    expect(verdictOf(id, sound.withChanged(found, { value: 'never written' })).status).toBe('fail')
    const written = operation(store, (one) => one.value === found?.value && one.operation !== 'get')
    expect(verdictOf(id, sound.withChanged(written, { outcome: 'refused' })).status).toBe('fail')
  })

  test('fails for a cache that returns a value that was never written, and accepts an old value', () => {
    const cached = { operation: 'cached-get', value: 'never written' } as const
    expect(verdictOf(id, sound.withChanged(found, cached)).status).toBe('fail')
    expect(verdictOf(id, sound.withChanged(found, { operation: 'cached-get' })).status).toBe('pass')
  })

  test('is inconclusive without operations', () => {
    expect(
      verdictOf(
        id,
        edited(sound.records, 'operation', () => undefined),
      ).status,
    ).toBe('inconclusive')
  })
})

describe('API-03', () => {
  test('fails for a list that goes back behind a list that had ended', () => {
    const lists = sound
      .of('listing')
      .filter(({ store, client, parts }) => store === 'apiserver' && client === 'lister' && parts.length === 1)
    const [early, late] = [lists[0], lists.at(-1)]
    expect(verdictOf('API-03', sound.withChanged(late, { parts: early?.parts ?? [] }))).toMatchObject({
      status: 'fail',
      code: 'STALE_LIST',
    })
  })

  test('is late where a read took longer than a request may take', () => {
    const read = operation('apiserver', (one) => one.operation === 'get' && one.outcome === 'ok')
    const verdict = verdictOf('API-03', sound.withChanged(read, { endedAt: (read?.at ?? 0) + 70_000 }))
    expect(verdict).toMatchObject({ status: 'late', bound: { limit: 63_000 } })
  })
})

describe('API-02', () => {
  const won = operation('apiserver', (one) => one.precondition !== undefined && one.outcome === 'ok')
  const lost = operation('apiserver', ({ refusal }) => refusal === 'conflict')

  test('fails for an update that follows another revision than its precondition', () => {
    const won = sound.withChanged(lost, { outcome: 'ok', refusal: undefined, revision: 9_999 })
    expect(verdictOf('API-02', won)).toMatchObject({ status: 'fail', code: 'UPDATE_LOST' })
  })

  test('fails for a losing writer that receives another answer than a conflict', () => {
    expect(verdictOf('API-02', sound.withChanged(lost, { refusal: 'exists' }))).toMatchObject({
      status: 'fail',
      code: 'CONFLICT_NOT_REPORTED',
    })
  })

  test('fails for a confirmed create that exists twice or not at all, and for an object that no client created', () => {
    const [first] = sound.of('created')
    const [one, ...others] = first?.objects ?? []
    if (!one) throw new Error('the sample journal creates nothing')
    for (const [objects, code] of [
      [[one, { ...one, uid: 'another' }, ...others], 'OBJECT_CREATED_TWICE'],
      [others, 'CREATED_OBJECT_MISSING'],
      [[one, ...others, { ...one, value: 'never requested' }], 'UNREQUESTED_OBJECT'],
    ] as const) {
      expect(verdictOf('API-02', sound.withChanged(first, { objects: [...objects] }))).toMatchObject({
        status: 'fail',
        code,
      })
    }
    const refused = sound.withChanged(sound.of('creation')[0], { outcome: 'refused' })
    expect(verdictOf('API-02', refused).code).toBe('REFUSED_OBJECT_PRESENT')
    const unlisted = edited(sound.records, 'created', () => undefined)
    expect(verdictOf('API-02', unlisted)).toMatchObject({ status: 'inconclusive', code: 'NOT_LISTED' })
  })

  test('is inconclusive without two concurrent writers', () => {
    const alone = edited(sound.records, 'operation', (one) => (one.refusal === 'conflict' ? undefined : one))
    expect(verdictOf('API-02', alone)).toMatchObject({ status: 'inconclusive', code: 'NO_CONFLICT' })
    expect(won).toBeDefined()
  })
})

describe.each([
  ['API-04', 'apiserver'],
  ['ETCD-05', 'etcd'],
] as const)('%s', (id, store) => {
  const seen = sound.of('notification').filter(({ stream, event }) => stream.startsWith(store) && event !== 'bookmark')
  const one = seen[10]

  test.each([
    ['EVENT_LOST', undefined],
    ['EVENT_LOST', { key: 'ghost' }],
    ['REPORTS_DIFFER', { event: 'modified' as const, value: 'never written' }],
  ])('fails for a watch with %s', (code, change) => {
    const journal = sound.withChanged(one, change)
    // Another watch or a writer reports what one watch leaves out.
    const stream = sound.of('stream').find(({ id: own }) => own === one?.stream) as JournalRecord
    const other = seen.filter(({ stream: own }) => own === one?.stream).map((event) => ({ ...event, stream: 'again' }))
    const end = journal.findIndex(({ kind }) => kind === 'compaction')
    const journaled = journal.toSpliced(end, 0, { ...stream, id: 'again' } as JournalRecord, ...other)
    expect(verdictOf(id, journaled)).toMatchObject({ status: 'fail', code })
  })

  test('fails for a repeated event', () => {
    const at = sound.records.findIndex((record) => record === one)
    expect(verdictOf(id, sound.records.toSpliced(at, 0, one as JournalRecord))).toMatchObject({
      status: 'fail',
      code: 'EVENT_REPEATED',
    })
  })

  test('reports that no watch was interrupted', () => {
    const quiet = edited(sound.records, 'stream', (record) =>
      record.edge === 'ended' && !record.client.startsWith('too-late') ? { ...record, end: 'closed' } : record,
    )
    const expected =
      store === 'etcd'
        ? { status: 'pass', values: { interrupted: 3 } }
        : { status: 'pass', code: 'WATCHES_COMPLETE', values: { interrupted: 2 } }
    expect(verdictOf(id, quiet)).toMatchObject(expected)
    const none = edited(quiet, 'stream', (record) => (record.client.startsWith('too-late') ? undefined : record))
    expect(verdictOf(id, none)).toMatchObject(
      store === 'etcd'
        ? { status: 'inconclusive', code: 'NOT_RESUMED' }
        : { status: 'pass', values: { interrupted: 0 } },
    )
  })
})

test('ETCD-01 fails for a list that goes back, and for one that contradicts the watches', () => {
  const lists = sound.of('listing').filter(({ store, parts }) => store === 'etcd' && parts.length === 1)
  const [early, late] = [lists[1], lists.at(-1)]
  expect(verdictOf('ETCD-01', sound.withChanged(late, { parts: early?.parts ?? [] }))).toMatchObject({
    status: 'fail',
    code: 'STALE_LIST',
  })
  expect(verdictOf('ETCD-01', sound.withChanged(late, { items: {} }))).toMatchObject({
    status: 'fail',
    code: 'LIST_DIFFERS',
  })
  const none = edited(sound.records, 'listing', (one) => (one.store === 'etcd' ? undefined : one))
  expect(verdictOf('ETCD-01', none)).toMatchObject({
    status: 'pass',
    code: 'STRICTLY_SERIALIZABLE',
    values: { lists: 0 },
  })
})

test('ETCD-05 fails for a transaction that is reported in two parts', () => {
  const half = sound.of('notification').findLast(({ key }) => key === 'pair-other')
  expect(verdictOf('ETCD-05', sound.withChanged(half, { batch: 1 }))).toMatchObject({
    status: 'fail',
    code: 'TRANSACTION_TORN',
  })
})

test('API-04 is inconclusive without records of what etcd stored, whatever clients observed', () => {
  const unwitnessed = edited(sound.records, 'stored', () => undefined)
  expect(verdictOf('API-04', unwitnessed)).toMatchObject({ status: 'inconclusive', code: 'NO_WITNESS' })
  const unmarked = edited(sound.records, 'mark', () => undefined)
  expect(verdictOf('API-04', unmarked)).toMatchObject({ status: 'inconclusive', code: 'NO_WITNESS' })
})

test('API-04 fails where the watch leads to another state than the last list', () => {
  const last = sound.of('listing').findLast(({ store, client }) => store === 'apiserver' && client === 'lister')
  const [key] = Object.keys(last?.items ?? {})
  const lacking = Object.fromEntries(Object.entries(last?.items ?? {}).filter(([name]) => name !== key))
  const journal = sound.withChanged(last, { how: 'consistent', parts: last?.parts.slice(0, 1) ?? [], items: lacking })
  expect(verdictOf('API-04', journal)).toMatchObject({ status: 'fail', code: 'LIST_DIFFERS' })
})

describe('API-05 and ETCD-07', () => {
  const late = (store: 'etcd' | 'apiserver') =>
    sound.of('stream').find((one) => one.store === store && one.client.startsWith('too-late') && one.edge === 'ended')

  test('fail for a watch that starts as if no revision were compacted', () => {
    expect(verdictOf('API-05', sound.withChanged(late('apiserver'), { end: 'closed' }))).toMatchObject({
      status: 'fail',
      code: 'EXPIRY_NOT_REPORTED',
      values: { since: 1 },
    })
    for (const change of [{ end: 'closed' as const }, { compacted: 7 }])
      expect(verdictOf('ETCD-07', sound.withChanged(late('etcd'), change)).code).toBe('COMPACTION_NOT_REPORTED')
  })

  test('API-05 is inconclusive where an answer was cut off, and allows a server to report what it still remembers', () => {
    const one = late('apiserver')
    expect(verdictOf('API-05', sound.withChanged(one, { end: 'broken' })).code).toBe('ANSWER_BROKE_OFF')
    const change = sound.of('notification').find(({ event }) => event !== 'bookmark')
    const reported = { ...change, at: one?.at, stream: one?.id } as JournalRecord
    const remembers = sound
      .withChanged(one, { end: 'closed' })
      .flatMap((each) =>
        each.kind === 'stream' && each.id === one?.id && each.edge === 'ended' ? [reported, each] : [each],
      )
    expect(verdictOf('API-05', remembers)).toMatchObject({ status: 'pass', code: 'RELISTED', values: { expired: 1 } })
  })

  test('API-05 fails for a 410 that is not due, and is inconclusive without a new list', () => {
    const broken = sound.of('stream').find(({ store, end }) => store === 'apiserver' && end === 'broken')
    const recent = { end: 'expired', since: 400, via: 'apiserver@control-plane2' } as const
    expect(verdictOf('API-05', sound.withChanged(broken, recent))).toMatchObject({
      status: 'fail',
      code: 'EXPIRED_EARLY',
    })
    const lists = edited(sound.records, 'listing', (one) => (one.client.startsWith('too-late') ? undefined : one))
    expect(verdictOf('API-05', lists)).toMatchObject({ status: 'inconclusive', code: 'NOT_LISTED' })
  })

  test('are inconclusive without such requests', () => {
    const quiet = edited(sound.records, 'stream', (one) => (one.client.startsWith('too-late') ? undefined : one))
    expect(verdictOf('API-05', quiet).code).toBe('STIMULUS_ABSENT')
    expect(verdictOf('ETCD-07', quiet).code).toBe('STIMULUS_ABSENT')
  })
})

describe.each([
  ['API-06', 'apiserver', 'STIMULUS_ABSENT'],
  ['ETCD-05', 'etcd', 'NO_BOOKMARK'],
] as const)('%s', (id, store, why) => {
  const mark = sound.of('notification').find(({ event, stream }) => event === 'bookmark' && stream.startsWith(store))

  test('fails for a bookmark that is ahead of the reported changes', () => {
    expect(verdictOf(id, sound.withChanged(mark, { revision: (mark?.revision ?? 0) + 3 }))).toMatchObject({
      status: 'fail',
      code: 'BOOKMARK_UNTRUE',
    })
  })

  test('is inconclusive without bookmarks', () => {
    const none = edited(sound.records, 'notification', (one) => (one.event === 'bookmark' ? undefined : one))
    expect(verdictOf(id, none)).toMatchObject({ status: 'inconclusive', code: why })
  })
})
