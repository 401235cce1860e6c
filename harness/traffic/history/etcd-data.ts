import { z } from 'zod'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { base64, type EtcdStore, rangeEnd, text } from './etcd-store.ts'

const header = z.object({ revision: z.coerce.number() })
const status = z.object({ header })
const hashed = z.object({ hash: z.coerce.number().default(0), compact_revision: z.coerce.number().default(0) })
const range = z.object({
  header,
  kvs: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
})

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
  const { hash, compact_revision } = hashed.parse(
    await member.post('/maintenance/hashkv', { revision: String(revision) }),
  )
  const { kvs } = range.parse(
    await member.post('/kv/range', {
      key: base64(prefix),
      range_end: base64(rangeEnd(prefix)),
      revision: String(revision),
      serializable: true,
    }),
  )
  const values = Object.fromEntries(kvs.map(({ key, value }) => [text(key), text(value)]))
  return { kind: 'content', at, member: member.via, revision, compacted: compact_revision, hash, values }
}

/** Writes two keys in one transaction: a watch must report both at once. */
export async function writePair(member: EtcdStore, value: string): Promise<void> {
  const put = (name: string): object => ({ request_put: { key: base64(member.prefix + name), value: base64(value) } })
  await member.post('/kv/txn', { success: [put('pair-one'), put('pair-other')] })
}

/** Removes every key with the prefix. */
export async function removeAll(member: EtcdStore): Promise<void> {
  const { prefix } = member
  await member.post('/kv/deleterange', { key: base64(prefix), range_end: base64(rangeEnd(prefix)) })
}
