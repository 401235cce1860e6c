import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'
import { type ChangeLog, changeLog } from './watches/change-log.ts'
import type { Operation, Violation } from './history.ts'
import { inventedEvents } from './watches/invented-events.ts'
import type { Listing } from './snapshots.ts'
import type { Stream } from './watches/streams.ts'

type StoreKind = RecordOf<'operation'>['store']

export interface Operations {
  /** Consistent reads. */
  readonly consistent: readonly Operation[]
  /** Reads that a cache may answer. */
  readonly cached: readonly Operation[]
}

/** Clients' operations on one kind of store. */
export function operationsOf(recording: Recording, store: StoreKind): Operations {
  const own = recording.of('operation').filter((one) => one.store === store)
  const all = own.map((one, id) => ({ record: one, operation: operation(one, id) }))
  const cached = ({ record }: { record: RecordOf<'operation'> }): boolean => record.operation === 'cached-get'
  return {
    consistent: all.filter((one) => !cached(one)).map((one) => one.operation),
    cached: all.filter(cached).map((one) => one.operation),
  }
}

function operation(record: RecordOf<'operation'>, id: number): Operation {
  const { at, endedAt, client, key, outcome, refusal = '', precondition = 0, value = '', revision = 0 } = record
  return {
    id,
    client,
    key,
    kind: record.operation === 'cached-get' ? 'get' : record.operation,
    call: at,
    end: outcome === 'unknown' ? Infinity : endedAt,
    outcome,
    refusal,
    precondition,
    value,
    revision,
  }
}

/** Creates under a server-generated name, each identified by its value. */
export function creationsOf(recording: Recording): Operation[] {
  return recording.of('creation').map((one, id) => ({
    id,
    client: one.client,
    key: one.key ?? '',
    kind: 'create',
    call: one.at,
    end: one.outcome === 'unknown' ? Infinity : one.endedAt,
    outcome: one.outcome,
    refusal: '',
    precondition: 0,
    value: one.value,
    revision: 0,
  }))
}

/** Every watch of one kind of store with its events. */
function streamsOf(recording: Recording, store: StoreKind): Stream[] {
  const reported = Map.groupBy(recording.of('notification'), ({ stream }) => stream)
  return recording
    .of('stream')
    .filter((one) => one.store === store && one.edge === 'opened')
    .map(({ id, client, via, since, at }) => ({
      id,
      client,
      via,
      since,
      from: at,
      events: (reported.get(id) ?? []).map(({ event, ...rest }) => ({ type: event, ...rest })),
    }))
}

/** Every answered list of one kind of store, requested in any way. */
export function listingsOf(recording: Recording, store: StoreKind, how?: RecordOf<'listing'>['how']): Listing[] {
  return recording
    .of('listing')
    .map((one, id) => ({ ...one, id }))
    .filter((one) => one.store === store && one.outcome === 'ok' && (how === undefined || one.how === how))
    .map(({ id, client, via, at, endedAt, parts, asked = 0, items }) => ({
      id,
      client,
      via,
      call: at,
      end: endedAt,
      parts,
      exactly: asked,
      items: new Map(Object.entries(items)),
    }))
}

export interface Watched {
  readonly streams: readonly Stream[]
  readonly log: ChangeLog
  /** Contradictions between two reporters, and changes that no client requested. */
  readonly violations: readonly Violation[]
}

export function watchedOf(recording: Recording, store: StoreKind): Watched {
  const streams = streamsOf(recording, store)
  const { consistent } = operationsOf(recording, store)
  const { log, violations } = changeLog(streams, consistent)
  return { streams, log, violations: [...violations, ...inventedEvents(streams, consistent)] }
}
