import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../../../harness/common/eventually.ts'
import type { JournalRecord } from '../../../../harness/record/records.ts'
import { compact, memberData, revisionOf, writePair } from '../../../../harness/traffic/history/etcd-data.ts'
import type { EtcdStore } from '../../../../harness/traffic/history/etcd-store.ts'
import { watchEtcdOnce } from '../../../../harness/traffic/history/etcd-watch.ts'
import { sendOperation } from '../../../../harness/traffic/history/history-client.ts'
import type { Request } from '../../../../harness/traffic/history/store.ts'
import { lastKey } from '../../../../harness/traffic/history/streams.ts'

export type Members = readonly [EtcdStore, EtcdStore, EtcdStore]

export interface Interruption {
  /** Stops the last member and starts a replacement, until disposed. */
  readonly interrupt: () => Promise<AsyncDisposable>
  readonly emit: (record: JournalRecord) => void
  /** All records so far. */
  readonly recorded: readonly JournalRecord[]
  readonly signal: AbortSignal
}

const pauseMs = 20
const create = (key: string, value: string): Request => ({ operation: 'create', key, precondition: 0, value })

/**
 * Watches the same keys on the first and on the last member, and resumes the second watch on the last member's replacement. Then
 * reads every member's data, and watches from a compacted revision.
 */
export async function interruptedWatch(
  members: Members,
  { interrupt, emit, recorded, signal }: Interruption,
): Promise<void> {
  const [one, , three] = members
  const since = await revisionOf(one)
  const steady = watchEtcdOnce(one, 'steady', since, emit)
  const broken = watchEtcdOnce(three, 'interrupted', since, emit)
  await writePair(one, one.prefix)
  const both = (): boolean =>
    count(recorded, ({ event, value }) => event === 'added' && value === one.prefix) === 4 &&
    count(recorded, ({ event, revision }) => event === 'bookmark' && revision > since) > 0
  await eventually('both watches to report the writes and their progress', both, {
    timeoutMs: 30_000,
    signal,
  })
  await using _ = await interrupt()
  const { last } = await broken
  const resumed = watchEtcdOnce(three, 'interrupted', last, emit)
  await sendOperation('writer', one, create('apart', 'one'), emit)
  await sendOperation('writer', three, create('apart', 'three'), emit)
  // The replacement must pass the first member's revision.
  const goal = (await revisionOf(one)) + 1
  await busy([three], async () => (await revisionOf(three)) > goal)
  for (const store of [one, three]) await sendOperation('last', store, create(lastKey, `last-${store.via}`), emit)
  await Promise.all([steady, resumed])
  // All members are read at one revision. Separate members reach it only by writes of their own.
  let done = false
  const writing = busy([one, three], () => Promise.resolve(done))
  await memberData(members, emit, signal).finally(() => (done = true))
  await writing
  await compact(one, await revisionOf(one), emit)
  for (const member of [one, three]) await watchEtcdOnce(member, 'too-late', 1, emit)
}

type Notification = Extract<JournalRecord, { kind: 'notification' }>

function count(recorded: readonly JournalRecord[], holds: (one: Notification) => boolean): number {
  return recorded.filter((one) => one.kind === 'notification' && holds(one)).length
}

/** Writes to the stores in turn until `enough`. */
async function busy(stores: readonly EtcdStore[], enough: () => Promise<boolean>): Promise<void> {
  for (let n = 0; !(await enough()); n++) {
    for (const store of stores) {
      const operation = n === 0 ? 'create' : 'patch'
      await store.carryOut({ operation, key: `busy-${store.via}`, precondition: 0, value: `busy-${n}` })
    }
    await delay(pauseMs)
  }
}
