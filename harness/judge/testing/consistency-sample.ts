import type { JournalRecord } from '../../record/records.ts'
import type { Operation } from '../history/history.ts'
import { type StoredChange, validRun } from './histories.ts'
import { JournalBuilder } from './journal-builder.ts'
import { start } from './cluster-facts.ts'

type Draft = Parameters<JournalBuilder['add']>[1]
type Store = 'etcd' | 'apiserver'
type Items = Record<string, { revision: number; value: string }>

const shape = { operations: 400, clients: 6, keys: 4, unknown: 0.03 }
const compacted = 5_000
/** When the generated part begins, and how long one step of it takes, in milliseconds. */
const [begins, stepMs] = [5_000, 10]

/**
 * Histories of both stores while an API server is killed from 8 s to 13 s, with resumed watches and the final requests
 * after all clients have stopped. The generator of sound histories makes them; the shape is that of a real recording.
 */
export function consistency(before: (builder: JournalBuilder) => void = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('consistency')
  builder.fault('f1', 'kill', { machines: ['control-plane1'], component: 'kube-apiserver' }, 8_000, 13_000)
  const [api, etcd] = [history(builder, 'apiserver', 11), history(builder, 'etcd', 12)]
  const end = Math.max(api.ended, etcd.ended) + 100
  builder.add(end, { kind: 'compaction', via: 'etcd1', revision: compacted })
  for (const machine of ['etcd1', 'etcd2', 'etcd3']) {
    watch(
      builder,
      end + 10,
      { id: `late-${machine}`, client: 'too-late', via: machine, store: 'etcd', since: 1 },
      'expired',
    )
    const content = { revision: compacted + 1, compacted, hash: 77, values: { a: '1' } }
    builder.add(end + 50, { kind: 'content', member: machine, ...content })
  }
  for (const machine of ['control-plane1', 'control-plane2']) {
    const via = `apiserver@${machine}`
    const client = `too-late-${machine}`
    watch(builder, end + 10, { id: client, client, via, store: 'apiserver', since: 1 }, 'expired')
    builder.add(end + 30, { ...listing(end + 30, client, via), parts: [compacted + 1], items: api.left })
    const created = [1, 2, 3].map((n) => ({ value: `${machine}-${n}`, key: `created-${machine}-${n}` }))
    for (const [n, { value, key }] of created.entries()) {
      const reported = n < 2 ? ({ outcome: 'ok', key } as const) : ({ outcome: 'unknown' } as const)
      const t = 7_000 + n * 400
      builder.add(t, {
        kind: 'creation',
        endedAt: start + t + 5,
        client: `creator-${machine}`,
        via,
        value,
        ...reported,
      })
    }
    for (const n of [1, 2, 3]) {
      const base = { kind: 'allocation', client: machine, via, owner: `${machine}-${n}`, address: '' } as const
      const address = `10.96.1.${n}`
      // The second machine allocates the first one's addresses again.
      const t = machine === 'control-plane1' ? 6_000 + n : 7_000 + n
      builder.add(t, { ...base, edge: 'created', address, endedAt: start + t + 5 })
      builder.add(t + 100, { ...base, edge: 'deleted', address, endedAt: start + t + 100 })
      const service = { metadata: {}, spec: { clusterIP: address } }
      builder.object(t + 3, 'services', builder.namespace, `${machine}-${n}`, service, 'added')
      builder.object(t + 99, 'services', builder.namespace, `${machine}-${n}`, service, 'deleted')
    }
  }
  for (const machine of ['control-plane1', 'control-plane2']) {
    // One of the creates of unknown outcome exists.
    const objects = ['control-plane1-1', 'control-plane1-2', 'control-plane1-3', 'control-plane2-1', 'control-plane2-2']
    const found = objects.map((value) => ({ key: `created-${value}`, value, uid: `uid-${value}` }))
    builder.add(end + 20, { kind: 'created', endedAt: start + end + 25, via: `apiserver@${machine}`, objects: found })
  }
  before(builder)
  return builder.journal(end + 1_000)
}

/** One store's clients, watches and lists; returns when the last of them ended, and the objects at that time. */
function history(builder: JournalBuilder, store: Store, seed: number): { ended: number; left: Items } {
  const { operations, changes } = validRun({ ...shape, seed })
  const via = store === 'etcd' ? ['etcd1', 'etcd2'] : ['apiserver@control-plane1', 'apiserver@control-plane2']
  const [one = '', other = ''] = via
  for (const operation of operations) builder.add(begins + operation.call * stepMs, recordOf(operation, store, one))
  const pair = store === 'etcd' ? pairAfter(changes) : []
  const all = [...changes, ...pair]
  const last = all.at(-1)
  const middle = all[Math.floor(all.length / 2)]
  if (!last || !middle) throw new Error('nothing changed')
  const since = { id: `${store}-1`, client: 'watcher', via: one, store, since: 100 }
  const rest = { ...since, id: `${store}-2`, via: other, since: middle.revision }
  const part = (from: number, until: number) => all.filter(({ revision }) => revision > from && revision <= until)
  notify(builder, since.id, part(100, middle.revision))
  watch(builder, begins, since, 'broken', begins + middle.at * stepMs)
  notify(builder, rest.id, part(middle.revision, last.revision))
  watch(builder, begins + middle.at * stepMs + 1, rest, 'closed', begins + last.at * stepMs + 1)
  const left = lists(builder, changes, one, store)
  const ended =
    begins + Math.max(last.at, ...operations.map(({ call, end }) => (end === Infinity ? call : end))) * stepMs
  return { ended, left }
}

function lists(builder: JournalBuilder, changes: readonly StoredChange[], via: string, store: Store): Items {
  const items: Items = {}
  builder.add(begins - 10, { ...listing(begins - 10, 'watcher', via, store), parts: [100], items: {} })
  for (const [n, { key, revision, value, at }] of changes.entries()) {
    if (value === '') delete items[key]
    else items[key] = { revision, value }
    if (n % 20 !== 5) continue
    const how = n % 40 === 5 ? 'paged' : 'consistent'
    const t = begins + at * stepMs + 0.5
    builder.add(t, {
      ...listing(t, 'lister', via, store),
      how,
      parts: how === 'paged' ? [revision, revision] : [revision],
      items: { ...items },
    })
  }
  return items
}

function listing(t: number, client: string, via: string, store: Store = 'apiserver') {
  return {
    kind: 'listing',
    endedAt: start + t + 0.1,
    client,
    via,
    store,
    how: 'consistent',
    outcome: 'ok',
  } as const
}

type About = { id: string; client: string; via: string; store: Store; since: number }

function watch(
  builder: JournalBuilder,
  t: number,
  about: About,
  end: 'closed' | 'broken' | 'expired',
  until = t + 1,
): void {
  builder.add(t, { kind: 'stream', ...about, edge: 'opened' })
  const more = end === 'expired' && about.store === 'etcd' ? { compacted } : {}
  builder.add(until, { kind: 'stream', ...about, edge: 'ended', end, ...more })
}

function notify(builder: JournalBuilder, stream: string, changes: readonly StoredChange[]): void {
  for (const { type: event, key, revision, value, at } of changes) {
    const base = { kind: 'notification', stream, batch: revision } as const
    builder.add(begins + at * stepMs, { ...base, event, key, value, revision })
    // Never between two changes of one revision.
    if (revision % 25 === 0 && key !== 'pair-one') {
      builder.add(begins + at * stepMs, { ...base, event: 'bookmark', key: '', value: '', revision })
    }
  }
}

function pairAfter(changes: readonly StoredChange[]): StoredChange[] {
  const { revision, at } = changes.at(-1) ?? { revision: 0, at: 0 }
  return ['pair-one', 'pair-other'].map((key) => ({
    type: 'added',
    key,
    revision: revision + 1,
    value: 'pair',
    at: at + 1,
  }))
}

function recordOf(one: Operation, store: Store, via: string): Draft {
  const { client, key, kind, end, call, outcome, refusal, precondition, value, revision } = one
  return {
    kind: 'operation',
    endedAt: start + begins + (end === Infinity ? call + 50 : end) * stepMs,
    client,
    via,
    store,
    operation: kind,
    key,
    outcome,
    ...(precondition > 0 ? { precondition } : {}),
    ...(value === '' ? {} : { value }),
    ...(refusal === '' ? {} : { refusal }),
    ...(revision === 0 ? {} : { revision }),
  }
}
