import { hash, range, status } from '../../agent/etcd/etcd-answers.ts'
import { keysWith } from '../../agent/etcd/etcd-client.ts'
import { base64, fromBase64 } from '../../common/base64.ts'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import type { EtcdStore } from './etcd-store.ts'

/** A member's newest revision. */
export async function revisionOf(member: EtcdStore): Promise<number> {
  return status.parse(await member.post('/maintenance/status', {})).header.revision
}

/** Compacts etcd up to a revision. */
export async function compact(
  member: EtcdStore,
  revision: number,
  emit: (record: JournalRecord) => void,
): Promise<void> {
  await member.post('/kv/compaction', { revision: String(revision), physical: true })
  emit({ kind: 'compaction', at: now(), via: member.via, revision })
}

/** Records each member's own data at one revision that all have, without a quorum read. */
export async function memberData(
  members: readonly EtcdStore[],
  emit: (record: JournalRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  const revision = Math.max(...(await Promise.all(members.map(revisionOf))))
  for (const member of members) {
    await eventually(`${member.via} to have revision ${revision}`, async () => (await revisionOf(member)) >= revision, {
      withinMs: 30_000,
      signal,
    })
    emit(await contentOf(member, revision))
  }
}

async function contentOf(member: EtcdStore, revision: number): Promise<RecordOf<'content'>> {
  const at = now()
  const { prefix } = member
  const { hash: value, compact_revision: compacted } = hash.parse(
    await member.post('/maintenance/hashkv', { revision: String(revision) }),
  )
  const { kvs } = range.parse(
    await member.post('/kv/range', {
      ...keysWith(prefix),
      revision: String(revision),
      serializable: true,
    }),
  )
  const values = Object.fromEntries(kvs.map(({ key, value }) => [fromBase64(key), fromBase64(value)]))
  return { kind: 'content', at, member: member.via, revision, compacted, hash: value, values }
}

/** Writes two keys in one transaction: a watch must report both at once. */
export async function writePair(member: EtcdStore, value: string): Promise<void> {
  const put = (name: string): object => ({ request_put: { key: base64(member.prefix + name), value: base64(value) } })
  await member.post('/kv/txn', { success: [put('pair-one'), put('pair-other')] })
}

/** Removes every key with the prefix. */
export async function removeAll(member: EtcdStore): Promise<void> {
  const { prefix } = member
  await member.post('/kv/deleterange', keysWith(prefix))
}
