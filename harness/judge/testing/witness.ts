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
  const witnessed = changesOf(journal)
  const end = witnessed.findLastIndex(({ kind }) => kind === 'scenario')
  return witnessed.toSpliced(end, 0, ...serverLeases(journal))
}

/** Each API server renews a key of its own every 10 s, which no watch reports. */
function serverLeases(journal: readonly JournalRecord[]): JournalRecord[] {
  const edges = journal.flatMap(({ kind, at }) => (kind === 'scenario' ? [at] : []))
  const [from = 0, until = 0] = [edges[0], edges.at(-1)]
  const event = { key: '/registry/masterleases/10.0.0.1', revision: 1, type: 'put' } as const
  return Array.from({ length: Math.floor((until - from) / 10_000) }, (_, n): JournalRecord => {
    return { kind: 'stored', at: from + (n + 1) * 10_000 - 1, member: 'etcd1', events: [event] }
  })
}

function changesOf(journal: readonly JournalRecord[]): JournalRecord[] {
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
