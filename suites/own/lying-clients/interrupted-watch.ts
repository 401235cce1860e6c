import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../../harness/eventually.ts'
import type { JournalRecord } from '../../../harness/record/records.ts'
import { compact, memberData, revisionOf, writePair } from '../../../harness/traffic/history/etcd-data.ts'
import type { EtcdStore } from '../../../harness/traffic/history/etcd-store.ts'
import { watchEtcdOnce } from '../../../harness/traffic/history/etcd-watch.ts'
import { perform } from '../../../harness/traffic/history/history-client.ts'
import type { Request } from '../../../harness/traffic/history/store.ts'
import { lastKey } from '../../../harness/traffic/history/streams.ts'

export type Members = readonly [EtcdStore, EtcdStore, EtcdStore]

export interface Interruption {
  /** Ends the last member, and brings somebody in its place who answers, until disposed. */
  readonly interrupt: () => Promise<AsyncDisposable>
  readonly emit: (record: JournalRecord) => void
  /** All that was recorded so far. */
  readonly told: readonly JournalRecord[]
  readonly signal: AbortSignal
}

const pauseMs = 20
const create = (key: string, value: string): Request => ({ operation: 'create', key, precondition: 0, value })

/**
 * Two watches of the same keys, on the first member and on the last, of which the second is taken up again at whoever answers
 * in the last one's place. Then everybody is asked what they hold, and for what etcd has forgotten.
 */
export async function interruptedWatch(
  members: Members,
  { interrupt, emit, told, signal }: Interruption,
): Promise<void> {
  const [one, , three] = members
  const since = await revisionOf(one)
  const steady = watchEtcdOnce(one, 'steady', since, emit)
  const broken = watchEtcdOnce(three, 'interrupted', since, emit)
  await writePair(one, one.prefix)
  const both = (): boolean =>
    count(told, ({ event, value }) => event === 'added' && value === one.prefix) === 4 &&
    count(told, ({ event, revision }) => event === 'bookmark' && revision > since) > 0
  await eventually('both watches to tell what was written, and how far they have got', both, {
    withinMs: 30_000,
    signal,
  })
  await using _ = await interrupt()
  const { last } = await broken
  const resumed = watchEtcdOnce(three, 'interrupted', last, emit)
  await perform('writer', one, create('apart', 'one'), emit)
  await perform('writer', three, create('apart', 'three'), emit)
  // What one knows of has to lie behind what the other one tells in the end.
  const goal = (await revisionOf(one)) + 1
  await busy([three], async () => (await revisionOf(three)) > goal)
  for (const store of [one, three]) await perform('last', store, create(lastKey, `last-${store.via}`), emit)
  await Promise.all([steady, resumed])
  // Each is asked at one revision, which all of them have to get to: each by itself, where they know nothing of each other.
  let asked = false
  const writing = busy([one, three], () => Promise.resolve(asked))
  await memberData(members, emit, signal).finally(() => (asked = true))
  await writing
  await compact(one, await revisionOf(one), emit)
  for (const member of [one, three]) await watchEtcdOnce(member, 'too-late', 1, emit)
}

type Notification = Extract<JournalRecord, { kind: 'notification' }>

function count(told: readonly JournalRecord[], holds: (one: Notification) => boolean): number {
  return told.filter((one) => one.kind === 'notification' && holds(one)).length
}

/** Writes to stores, one write after the other, until it is enough. */
async function busy(stores: readonly EtcdStore[], enough: () => Promise<boolean>): Promise<void> {
  for (let n = 0; !(await enough()); n++) {
    for (const store of stores) {
      const operation = n === 0 ? 'create' : 'patch'
      await store.carryOut({ operation, key: `busy-${store.via}`, precondition: 0, value: `busy-${n}` })
    }
    await delay(pauseMs)
  }
}
