import type { JournalRecord } from '../../record/records.ts'

/** The etcd keys of the objects that a sample journal's watches report. */
const folders: Readonly<Record<string, string>> = {
  nodes: 'minions',
  services: 'services/specs',
}

/**
 * Adds etcd's own records of every change that a journal's watches reported, and the ends of the lists that they began
 * with.
 */
export function withWitness(journal: readonly JournalRecord[]): JournalRecord[] {
  const marked = new Set<string>()
  return journal.flatMap((record): JournalRecord[] => {
    if (record.kind !== 'watch') return [record]
    const { at, source, resource, namespace, name, resourceVersion, event } = record
    const stream = `${source} ${resource}`
    const first = { kind: 'mark', at, source, resource, resourceVersion: String(Number(resourceVersion) - 1) } as const
    const marks = marked.has(stream) ? [] : [first]
    marked.add(stream)
    const key = ['/registry', folders[resource] ?? resource, namespace, name].filter(Boolean).join('/')
    const type = event === 'deleted' ? 'delete' : 'put'
    const events = [{ key, revision: Number(resourceVersion), type } as const]
    return [...marks, { kind: 'stored', at, member: 'etcd1', events }, record]
  })
}
