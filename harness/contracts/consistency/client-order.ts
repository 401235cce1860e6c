import type { Finding } from '../../judge/contract.ts'
import { neverWritten } from '../../judge/history/cached-reads.ts'
import type { Drawing } from '../../judge/history/draw.ts'
import { listingsOf, operationsOf, watchedOf } from '../../judge/history/from-recording.ts'
import { type Exhausted, isWrite, type Operation, type Violation } from '../../judge/history/history.ts'
import { listedReads } from '../../judge/history/listed-reads.ts'
import { behind, type Observation } from '../../judge/history/read-order.ts'
import { revisionOrder } from '../../judge/history/revision-order.ts'
import { explained } from '../../judge/history/search/explain.ts'
import { linearizable } from '../../judge/history/search/linearizability.ts'
import { search } from '../../judge/history/search/search.ts'
import type { Listing } from '../../judge/history/snapshots.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'
import { violated } from './violations.ts'

interface ClientOrder {
  readonly breach: Finding | undefined
  readonly lists: readonly Listing[]
  /** Objects without a result: they matter only without a breach. */
  readonly exhausted: readonly Exhausted[]
}

/**
 * Searches an order that explains every answer of one kind of store. Lists are compared by their revisions; `unlike` are
 * violations that another comparison of them found.
 */
export function clientOrder(
  recording: Recording,
  store: 'etcd' | 'apiserver',
  unlike: readonly Violation[] = [],
): ClientOrder {
  const { consistent, cached } = operationsOf(recording, store)
  const lists = newest(recording, store)
  const all = withLists(consistent, lists)
  const { disordered, exhausted } = ordered(all)
  const violations = [
    ...behind(lists.map(listed), consistent.filter(dated).map(seen)),
    ...unlike,
    ...neverWritten(cached, consistent, watchedOf(recording, store).log),
    ...disordered,
  ]
  const breach = violated(violations, {
    draw: () => (violations[0] === disordered[0] ? drawn(all) : undefined),
    evidence: operationRecords(recording, store, disordered),
  })
  return { breach, lists, exhausted }
}

interface Ordered {
  readonly disordered: readonly Violation[]
  readonly exhausted: readonly Exhausted[]
}

/** Every violation of linearizability in clients' operations on one kind of store. */
function ordered(operations: readonly Operation[]): Ordered {
  const { check } = linearizable(operations)
  const order = revisionOrder(operations)
  return {
    disordered: check.result === 'violated' ? [...check.violations, ...order] : order,
    exhausted: check.result === 'undecided' ? check.exhausted : [],
  }
}

/**
 * Minimisation repeats the search on small parts: a search that exhausts its budget counts as one without a violation.
 */
function drawn(operations: readonly Operation[]): Drawing | undefined {
  return explained(operations, (part) => search(part, 5_000))
}

/** The records of the operations in the violations; an operation's id is its index among those of its store. */
function operationRecords(
  recording: Recording,
  store: 'etcd' | 'apiserver',
  violations: readonly Violation[],
): RecordOf<'operation'>[] {
  const own = recording.of('operation').filter((one) => one.store === store)
  return violations.flatMap(({ operations }) => operations.flatMap((id) => own[id] ?? []))
}

/** Consistent lists, in one part or in several. */
function newest(recording: Recording, store: 'etcd' | 'apiserver'): Listing[] {
  return [...listingsOf(recording, store, 'consistent'), ...listingsOf(recording, store, 'paged')]
}

/** The operations on each object, with what lists reported of it. */
function withLists(operations: readonly Operation[], lists: readonly Listing[]): Operation[] {
  const keys = [...new Set(operations.map(({ key }) => key))]
  const free = Math.max(-1, ...operations.map(({ id }) => id)) + 1
  return [...operations, ...listedReads(lists, keys, free)]
}

/** Every client that received a revision, by a write or a read, proves that the revision existed. */
const dated = ({ outcome, revision }: Operation): boolean => outcome === 'ok' && revision > 0

function listed({ id, client, via, call, end, parts }: Listing): Observation {
  return { id, client, call, end, revision: parts[0] ?? 0, description: `The list of ${client} through ${via}` }
}

function seen(one: Operation): Observation {
  const { id, client, key, call, end, revision } = one
  const writes = isWrite(one)
  return {
    id,
    client,
    call,
    end,
    revision,
    writes,
    description: `the ${writes ? 'write' : 'read'} of ${key} by ${client}`,
  }
}
