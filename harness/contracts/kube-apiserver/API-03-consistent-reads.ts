import { type Contract, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { neverWritten } from '../../judge/history/cached-reads.ts'
import type { Drawing } from '../../judge/history/draw.ts'
import { explained } from '../../judge/history/search/explain.ts'
import { listingsOf, operationsOf, watchedOf } from '../../judge/history/from-recording.ts'
import { type Exhausted, isWrite, type Operation, type Violation } from '../../judge/history/history.ts'
import { linearizable } from '../../judge/history/search/linearizability.ts'
import { listedReads } from '../../judge/history/listed-reads.ts'
import { behind, type Observation } from '../../judge/history/read-order.ts'
import { revisionOrder } from '../../judge/history/revision-order.ts'
import { type Listing, snapshots } from '../../judge/history/snapshots.ts'
import { search } from '../../judge/history/search/search.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/words.ts'
import type { RecordOf } from '../../record/records.ts'
import { consistentRead } from '../bounds.ts'
import { noViolation, violated } from '../consistency/violations.ts'
import { overBudget } from '../consistency/search-budget.ts'

interface Reads {
  readonly operations: number
  readonly lists: number
  readonly longestMs: number
}

interface Explained {
  readonly operations: number
  readonly lists: number
  readonly confirmed: number
  readonly unknown: number
  /** Lists that were compared with what the watches report of their revisions. */
  readonly compared: number
}

const found = findings({
  READS_CONSISTENT: ({ operations, lists, longestMs }: Reads) =>
    `Some order of ${counted(operations, 'operation')} on single objects and of ${counted(lists, 'list')} explains every answer; the longest read took ${duration(longestMs)}.`,
  READ_LATE: ({ longestMs }: Reads) => `A read was answered after ${duration(longestMs)}.`,
  STRICTLY_SERIALIZABLE: ({ operations, lists, confirmed, unknown, compared }: Explained) =>
    `Some order explains ${counted(operations, 'operation')} (${confirmed} confirmed writes, ${unknown} of unknown outcome) and ${counted(lists, 'list')}; ${compared} lists equal what the watches report of their revisions.`,
})

interface Ordered {
  readonly disordered: readonly Violation[]
  /** Objects without a result: they matter only where no violation was found. */
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

/**
 * API-03. Writes through one API server and reads through another one share one store; lists are compared by their
 * revisions.
 */
const consistentReads = defineContract<Operation>({
  id: 'API-03',
  area: 'kube-apiserver',
  promise:
    'A read without a resource version returns every write that was confirmed before it began, through any API server.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  stimulus: {
    needs: 'a consistent read through an API server',
    find: (recording) => operationsOf(recording, 'apiserver').consistent.filter(isAnsweredRead),
  },
  judge(recording, reads) {
    const { consistent, cached } = operationsOf(recording, 'apiserver')
    const lists = newest(recording, 'apiserver')
    const all = withLists(consistent, lists)
    const { disordered, exhausted } = ordered(all)
    const violations = [
      ...behind(lists.map(listed), consistent.filter(dated).map(seen)),
      ...neverWritten(cached, consistent, watchedOf(recording, 'apiserver').log),
      ...disordered,
    ]
    const breach = violated(violations, {
      draw: () => (violations[0] === disordered[0] ? drawn(all) : undefined),
      evidence: operationRecords(recording, 'apiserver', disordered),
    })
    if (breach) return breach
    const longestMs = Math.max(...reads.map(({ call, end }) => end - call))
    const bound = consistentRead(recording)
    const [open, ...others] = exhausted
    if (open && longestMs <= bound.limit) return overBudget([open, ...others])
    return found.timed(
      { pass: 'READS_CONSISTENT', late: 'READ_LATE' },
      { operations: consistent.length, lists: lists.length, longestMs },
      longestMs,
      bound,
      { observed: `${counted(reads.length, 'read')} and ${counted(lists.length, 'list')}, none stale` },
    )
  },
})

/** ETCD-01. The same for etcd, over each member. */
const strictlySerializable = defineContract<Operation>({
  id: 'ETCD-01',
  area: 'etcd',
  promise:
    'All reads and writes of etcd are linearizable: they happen in one order, each between its call and its return.',
  reference: 'https://etcd.io/docs/v3.7/learning/api_guarantees/',
  stimulus: {
    needs: 'a confirmed write of a client of etcd',
    find: (recording) => operationsOf(recording, 'etcd').consistent.filter(confirmed),
  },
  judge(recording, writes) {
    const { consistent, cached } = operationsOf(recording, 'etcd')
    const lists = newest(recording, 'etcd')
    const { log } = watchedOf(recording, 'etcd')
    const listings = listingsOf(recording, 'etcd')
    const { violations: unlike, compared } = snapshots(listings, log)
    const all = withLists(consistent, lists)
    const { disordered, exhausted } = ordered(all)
    const violations = [
      ...behind(lists.map(listed), consistent.filter(dated).map(seen)),
      ...unlike,
      ...neverWritten(cached, consistent, log),
      ...disordered,
    ]
    const breach = violated(violations, {
      draw: () => (violations[0] === disordered[0] ? drawn(all) : undefined),
      evidence: operationRecords(recording, 'etcd', disordered),
    })
    if (breach) return breach
    if (compared.length < listings.length / 2) {
      throw new InconclusiveError(
        `The watches cover only ${compared.length} of ${counted(listings.length, 'list')}.`,
        'NOT_WATCHED',
      )
    }
    const [open, ...others] = exhausted
    if (violations.length === 0 && open) return overBudget([open, ...others])
    const unknown = consistent.filter(({ outcome }) => outcome === 'unknown').length
    const counts = { operations: consistent.length, lists: lists.length }
    return found.pass(
      'STRICTLY_SERIALIZABLE',
      { ...counts, confirmed: writes.length, unknown, compared: compared.length },
      {
        observed: `${counted(consistent.length, 'operation')} in some order, ${counted(lists.length, 'list')}, none stale`,
        ...noViolation,
      },
    )
  },
})

const isAnsweredRead = ({ kind, outcome }: Operation): boolean => kind === 'get' && outcome === 'ok'

/** The records of the operations in the violations; an operation's id is its index among those of its store. */
function operationRecords(
  recording: Recording,
  store: 'etcd' | 'apiserver',
  violations: readonly Violation[],
): RecordOf<'operation'>[] {
  const own = recording.of('operation').filter((one) => one.store === store)
  return violations.flatMap(({ operations }) => operations.flatMap((id) => own[id] ?? []))
}

const confirmed = (one: Operation): boolean => isWrite(one) && one.outcome === 'ok' && one.revision > 0

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
  return { id, client, call, end, revision: parts[0] ?? 0, words: `The list of ${client} through ${via}` }
}

function seen(one: Operation): Observation {
  const { id, client, key, call, end, revision } = one
  const writes = isWrite(one)
  return { id, client, call, end, revision, writes, words: `the ${writes ? 'write' : 'read'} of ${key} by ${client}` }
}

export const reads: readonly Contract[] = [consistentReads]
export const serializability: readonly Contract[] = [strictlySerializable]
