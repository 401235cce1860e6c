import type { JournalRecord } from '../../../record/records.ts'
import { partitionEtcd } from '../../../judge/testing/sample-journals.ts'
import { start } from '../../../judge/testing/cluster-facts.ts'
import { edited } from '../../../judge/testing/verdict.ts'

/** A member or an API server that lacks a write that it confirmed. */
export function forgetful(via: string, key: string): JournalRecord[] {
  return edited(partitionEtcd(), 'read', (record) => {
    if (record.via !== via) return record
    const { [key]: _, ...values } = record.values
    return { ...record, values }
  })
}

/** Writes that are nevertheless confirmed and kept. */
export function confirmed(via: string, from: number, until: number): JournalRecord[] {
  const kept: Record<string, string> = {}
  const journal = edited(partitionEtcd(), 'write', (record) => {
    if (record.via !== via || record.at < start + from || record.at >= start + until) return record
    kept[record.key] = record.value
    return { ...record, outcome: 'acked', endedAt: record.at + 5 }
  })
  const store = via.startsWith('apiserver@') ? 'apiserver' : 'etcd'
  return edited(journal, 'read', (record) =>
    record.store === store ? { ...record, values: { ...record.values, ...kept } } : record,
  )
}

/** The recording continued for `until` milliseconds, with each member's last status. */
export function prolonged(journal: readonly JournalRecord[], until: number): JournalRecord[] {
  const statuses = journal.filter((one) => one.kind === 'etcd')
  const last = Map.groupBy(statuses, ({ member }) => member)
    .values()
    .flatMap((own) => own.slice(-1))
    .toArray()
  const from = Math.max(...last.map(({ at }) => at)) - start
  const more: JournalRecord[] = []
  for (let t = from + 500; t < until; t += 500) more.push(...last.map((one) => ({ ...one, at: start + t })))
  return journal.flatMap((record) =>
    record.kind === 'scenario' && record.edge === 'end' ? [...more, { ...record, at: start + until }] : [record],
  )
}

/** The recording cut off at a time. */
export function cutShort(journal: readonly JournalRecord[], until: number): JournalRecord[] {
  return journal.filter(({ at }) => at <= start + until)
}

/** A status of a member from `from` until the end of the recording. */
export function withStatus(
  journal: readonly JournalRecord[],
  member: string,
  { from, until = Infinity }: { readonly from: number; readonly until?: number },
  change: object,
): JournalRecord[] {
  return edited(journal, 'etcd', (record) =>
    record.member === member && record.at >= start + from && record.at < start + until
      ? { ...record, ...change }
      : record,
  )
}
