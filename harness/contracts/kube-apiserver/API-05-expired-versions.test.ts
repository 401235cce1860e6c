import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { consistency } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'

/* The sample journal in which control-plane1's API server is killed and returns. */

const sound = consistency()
const healed = sound.find((one) => one.kind === 'fault' && one.edge === 'healed')?.at ?? 0
const via = 'apiserver@control-plane1'
const lister = sound.find((one) => one.kind === 'listing' && one.outcome === 'ok' && one.at > healed + 3_000)
if (lister?.kind !== 'listing') throw new Error('no client lists after the fault')
const watch = { kind: 'stream', client: lister.client, via, store: 'apiserver' } as const

/** A watch of a server that has returned, opened at `since`, that receives "gone" two seconds later. */
function reported(since: number, others: readonly JournalRecord[]): JournalRecord[] {
  const revisions = [
    [50, 200],
    [1_000, 240],
    [2_500, 300],
  ] as const
  const etcd = revisions.map(([after, revision]) => ({ kind: 'etcd', at: healed + after, member: 'etcd1', revision }))
  const lists = [
    { ...watch, at: healed + 100, id: 'waiting', since, edge: 'opened' },
    { ...watch, at: healed + 2_000, id: 'waiting', since, edge: 'ended', end: 'expired' },
  ]
  return [...sound, ...(etcd as JournalRecord[]), ...(lists as JournalRecord[]), ...others].sort((a, b) => a.at - b.at)
}

const served = [
  { ...watch, at: healed + 200, id: 'served', since: 199, edge: 'opened' },
  { kind: 'notification', at: healed + 300, stream: 'served', batch: 1, event: 'bookmark', revision: 200, key: '' },
] as unknown as JournalRecord[]

test('API-05 accepts "gone" for revisions before a server built its cache, even when it already confirmed writes', () => {
  expect(verdictOf('API-05', reported(210, [])).status).toBe('pass')
})

test('API-05 fails where a server reports "gone" for a revision that it has already sent to other watches', () => {
  expect(verdictOf('API-05', reported(260, served))).toMatchObject({ status: 'fail', code: 'EXPIRED_EARLY' })
})
