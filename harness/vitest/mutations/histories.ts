import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, withChanged, type JournalMutation, last } from './mutation.ts'

type Store = RecordOf<'operation'>['store']
type Notification = RecordOf<'notification'>

/** A read returns the object as it was before a write that had ended before the read began. */
export const staleRead =
  (store: Store): JournalMutation =>
  (records) => {
    const own = all(records, 'operation').filter((one) => one.store === store)
    const versions = own.filter(({ operation, outcome, revision = 0, value }) => {
      const written = /^(create|update|patch)$/.test(operation) && value !== undefined
      return written && outcome === 'ok' && revision > 0
    })
    const older = (read: RecordOf<'operation'>) => {
      const known = versions.find(({ key, revision }) => key === read.key && revision === read.revision)
      return known && known.endedAt < read.at
        ? versions.find(({ key, endedAt }) => key === read.key && endedAt < known.at)
        : undefined
    }
    const read = last(records, 'operation', (one) => {
      return one.store === store && one.operation === 'get' && one.revision !== undefined && older(one) !== undefined
    })
    const { revision = 0, value = '' } = older(read) ?? {}
    return withChanged(records, read, { revision, value })
  }

/** A losing writer receives a confirmation instead of a conflict. */
export const ignoredConflict: JournalMutation = (records) => {
  const lost = last(records, 'operation', ({ store, refusal }) => store === 'apiserver' && refusal === 'conflict')
  const newest = Math.max(...all(records, 'operation').map(({ revision = 0 }) => revision))
  return withChanged(records, lost, { outcome: 'ok', refusal: undefined, revision: newest + 1 })
}

/** One of the created objects exists twice. */
export const createdTwice: JournalMutation = (records) => {
  const found = last(records, 'created', ({ objects }) => objects.length > 0)
  const [first] = found.objects
  if (!first) throw new Error('nothing was created')
  return withChanged(records, found, {
    objects: [...found.objects, { ...first, key: `${first.key}x`, uid: 'another' }],
  })
}

/**
 * Two consecutive events of a watch of one store, neither its first nor its last; the first is not a deletion, which
 * has no value.
 */
function middle(records: readonly JournalRecord[], store: Store): { one: Notification; next: Notification } {
  const streams = new Set(all(records, 'stream').flatMap((one) => (one.store === store ? [one.id] : [])))
  const events = all(records, 'notification').filter(({ stream, event }) => streams.has(stream) && event !== 'bookmark')
  for (const own of Map.groupBy(events, ({ stream }) => stream).values()) {
    const n = own.findLastIndex((one, at) => {
      const next = own[at + 1]
      return (
        at > 0 &&
        at < own.length - 2 &&
        one.event !== 'deleted' &&
        next &&
        next.revision > one.revision &&
        own[at - 1]?.revision !== one.revision
      )
    })
    const [one, next] = [own[n], own[n + 1]]
    if (one && next) return { one, next }
  }
  throw new Error(`no watch of ${store} reported enough events`)
}

/** A watch leaves out one change that another one reports. */
export const lostEvent =
  (store: Store): JournalMutation =>
  (records) =>
    withChanged(records, middle(records, store).one, undefined)

/** A watch reports one change twice. */
export const doubledEvent =
  (store: Store): JournalMutation =>
  (records) => {
    const { one } = middle(records, store)
    return records.flatMap((record) => (record === one ? [one, { ...one }] : [record]))
  }

/**
 * A watch reports two changes in the wrong order: the first of them late, because the other can't be reported before it
 * was made.
 */
export const reorderedEvents =
  (store: Store): JournalMutation =>
  (records) => {
    const { one, next } = middle(records, store)
    const late = { ...one, at: next.at }
    return records.flatMap((record) => (record === one ? [] : record === next ? [next, late] : [record]))
  }

/** A watch reports a change that no client made. */
export const inventedEvent =
  (store: Store): JournalMutation =>
  (records) =>
    withChanged(records, middle(records, store).one, { value: 'never written' })

/** Two keys that changed in one transaction are reported separately. */
export const tornEvent: JournalMutation = (records) => {
  const half = last(records, 'notification', ({ key }) => key === 'pair-other')
  return withChanged(records, half, { batch: half.batch + 1_000_000 })
}

/** A bookmark covers the change after it. */
export const bookmarkTooFar =
  (store: Store): JournalMutation =>
  (records) => {
    const streams = new Set(all(records, 'stream').flatMap((one) => (one.store === store ? [one.id] : [])))
    const reported = all(records, 'notification').filter(({ stream }) => streams.has(stream))
    const later = (mark: Notification): Notification | undefined =>
      reported.find((one) => one.stream === mark.stream && one.event !== 'bookmark' && one.revision > mark.revision)
    const mark = last(records, 'notification', (one) => {
      return one.event === 'bookmark' && streams.has(one.stream) && later(one) !== undefined
    })
    return withChanged(records, mark, { revision: later(mark)?.revision ?? 0 })
  }

/** A client that requests a compacted revision does not receive that answer. */
export const silentlyShort =
  (store: Store): JournalMutation =>
  (records) => {
    const late = last(records, 'stream', (one) => {
      return one.store === store && one.edge === 'ended' && one.client.startsWith('too-late')
    })
    return withChanged(records, late, { end: 'closed' })
  }

/**
 * A client that requests an available revision receives "gone" at once: the first client, before any server restarted
 * and lost its memory.
 */
export const goneTooSoon: JournalMutation = (records) => {
  const [opened] = all(records, 'stream')
    .filter(({ store, edge, client }) => store === 'apiserver' && edge === 'opened' && client.startsWith('watcher'))
    .toSorted((a, b) => a.at - b.at)
  const ended = last(records, 'stream', ({ id, edge }) => id === opened?.id && edge === 'ended')
  // At its actual end so much may have changed that the answer would be correct.
  return withChanged(records, ended, { at: (opened?.at ?? 0) + 1, end: 'expired' })
}

/** A list in parts continues with a page of another revision. */
export const otherPage: JournalMutation = (records) => {
  const paged = last(records, 'listing', ({ store, parts }) => store === 'apiserver' && parts.length > 1)
  return withChanged(records, paged, { parts: [...paged.parts.slice(0, -1), (paged.parts[0] ?? 0) - 1] })
}

/** A list lacks an object of its revision. */
export const lackingList =
  (store: Store): JournalMutation =>
  (records) => {
    const list = last(records, 'listing', ({ client, items, outcome, ...one }) => {
      return one.store === store && outcome === 'ok' && client.includes('lister') && Object.keys(items).length > 0
    })
    const [, ...others] = Object.entries(list.items)
    return withChanged(records, list, { items: Object.fromEntries(others) })
  }

/** Two Services get one address, from different API servers. */
export const sharedClusterIp: JournalMutation = (records) => {
  const allocations = all(records, 'allocation')
  const held = (one: RecordOf<'allocation'>): RecordOf<'allocation'> | undefined =>
    allocations.find(({ edge, via, owner, endedAt }) => {
      const gone = allocations.find((other) => other.edge === 'deleted' && other.owner === owner)
      return edge === 'created' && via !== one.via && endedAt < one.at && (gone?.at ?? Infinity) > one.endedAt
    })
  const one = last(records, 'allocation', (record) => record.edge === 'created' && held(record) !== undefined)
  return withChanged(records, one, { address: held(one)?.address ?? '' })
}

/** One member's hash differs. */
export const otherHash: JournalMutation = (records) => {
  const content = last(records, 'content', () => true)
  return withChanged(records, content, { hash: content.hash + 1 })
}

/** Two sandboxes on one machine have one address. */
export const sharedPodIp: JournalMutation = (records) => {
  const snapshot = last(records, 'containers', ({ containers }) => {
    return containers.filter(({ address }) => address !== undefined).length > 1
  })
  const address = snapshot.containers.find((one) => one.address !== undefined)?.address ?? ''
  const containers = snapshot.containers.map((one) => (one.address === undefined ? one : { ...one, address }))
  return withChanged(records, snapshot, { containers })
}
