import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { timed } from '../../judge/bridge.ts'
import { neverWritten } from '../../judge/history/cached-reads.ts'
import type { Drawing } from '../../judge/history/draw.ts'
import { explained } from '../../judge/history/explain.ts'
import { listingsOf, operationsOf, watchedOf } from '../../judge/history/from-recording.ts'
import { type Exhausted, isWrite, type Operation, type Violation } from '../../judge/history/history.ts'
import { linearizable } from '../../judge/history/linearizability.ts'
import { listedReads } from '../../judge/history/listed-reads.ts'
import { behind, type Observation } from '../../judge/history/read-order.ts'
import { revisionOrder } from '../../judge/history/revision-order.ts'
import { type Listing, snapshots } from '../../judge/history/snapshots.ts'
import { search } from '../../judge/history/search.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { counted, duration } from '../../judge/words.ts'
import { consistentRead } from '../bounds.ts'
import { exact } from './exact.ts'
import { overBudget } from './search-budget.ts'

interface Ordered {
  readonly disordered: readonly Violation[]
  /** Objects that were not decided: they matter only where nothing is broken. */
  readonly exhausted: readonly Exhausted[]
}

/** Everything that is not linearizable in what clients did to one kind of store. */
function ordered(operations: readonly Operation[]): Ordered {
  const { check } = linearizable(operations)
  const order = revisionOrder(operations)
  return {
    disordered: check.result === 'violated' ? [...check.violations, ...order] : order,
    exhausted: check.result === 'undecided' ? check.exhausted : [],
  }
}

/** Cutting down asks often, of small parts: a search that gets big counts as one that found nothing wrong. */
function drawn(operations: readonly Operation[]): Drawing | undefined {
  return explained(operations, (part) => search(part, 5_000))
}

/** API-03. Writes through one API server and reads through another are of one store; lists are held to their revisions. */
const consistentReads: Contract = {
  id: 'API-03',
  area: 'kube-apiserver',
  promise:
    'A read that names no resource version sees everything that was confirmed before it began, through any API server.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  scenarios: ['consistency'],
  judge(recording) {
    const { consistent, cached } = operationsOf(recording, 'apiserver')
    const reads = requireNonEmpty(
      consistent.filter(({ kind, outcome }) => kind === 'get' && outcome === 'ok'),
      'No consistent read was answered.',
    )
    const lists = requireNonEmpty(newest(recording, 'apiserver'), 'No consistent list was answered.')
    const all = withLists(consistent, lists)
    const { disordered, exhausted } = ordered(all)
    const violations = [
      ...behind(lists.map(listed), consistent.filter(dated).map(seen)),
      ...neverWritten(cached, consistent, watchedOf(recording, 'apiserver').log),
      ...disordered,
    ]
    const observed = `${counted(reads.length, 'read')} and ${counted(lists.length, 'list')}, none stale`
    if (violations.length > 0)
      return exact(violations, '', observed, () => (violations[0] === disordered[0] ? drawn(all) : undefined))
    const longest = Math.max(...reads.map(({ call, end }) => end - call))
    const bound = consistentRead(recording)
    const [open, ...others] = exhausted
    if (open && longest <= bound.limit) return overBudget([open, ...others])
    return timed(longest, bound, {
      observed,
      pass: `Some order of ${counted(consistent.length, 'operation')} on single objects, and of ${counted(lists.length, 'list')}, explains every answer; the longest read took ${duration(longest)}.`,
      late: `A read was answered only after ${duration(longest)}.`,
    })
  },
}

/** ETCD-01. The same directly, over each member. */
const strictlySerializable: Contract = {
  id: 'ETCD-01',
  area: 'etcd',
  promise:
    'All reads and writes appear to happen one after the other, each at some time between its call and its return.',
  reference: 'https://etcd.io/docs/v3.7/learning/api_guarantees/',
  scenarios: ['consistency'],
  judge(recording) {
    const { consistent, cached } = operationsOf(recording, 'etcd')
    const writes = requireNonEmpty(consistent.filter(confirmed), 'etcd confirmed no write.')
    const lists = requireNonEmpty(newest(recording, 'etcd'), 'No list of etcd was answered.')
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
    if (violations.length === 0 && compared.length < listings.length / 2) {
      throw new InconclusiveError(`The watches cover only ${compared.length} of ${counted(listings.length, 'list')}.`)
    }
    const [open, ...others] = exhausted
    if (violations.length === 0 && open) return overBudget([open, ...others])
    const unknown = consistent.filter(({ outcome }) => outcome === 'unknown').length
    return exact(
      violations,
      `Some order explains ${counted(consistent.length, 'operation')} and ${counted(lists.length, 'list')}, ${writes.length} confirmed writes and ${unknown} of unknown outcome among them; ${compared.length} of ${counted(listings.length, 'list')} were compared with what the watches say of their revisions.`,
      `${counted(consistent.length, 'operation')} in some order, ${counted(lists.length, 'list')}, none stale`,
      () => (violations[0] === disordered[0] ? drawn(all) : undefined),
    )
  },
}

const confirmed = (one: Operation): boolean => isWrite(one) && one.outcome === 'ok' && one.revision > 0

/** Lists that are owed the newest state, in one part or in several. */
function newest(recording: Recording, store: 'etcd' | 'apiserver'): Listing[] {
  return [...listingsOf(recording, store, 'consistent'), ...listingsOf(recording, store, 'paged')]
}

/** What was done to each object, with what lists have told of it. */
function withLists(operations: readonly Operation[], lists: readonly Listing[]): Operation[] {
  const keys = [...new Set(operations.map(({ key }) => key))]
  const free = Math.max(-1, ...operations.map(({ id }) => id)) + 1
  return [...operations, ...listedReads(lists, keys, free)]
}

/** That there was a revision is known to who was told of it, whether it wrote or read. */
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
