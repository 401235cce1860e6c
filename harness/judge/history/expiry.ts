import type { Violation } from './history.ts'

/** A requested revision (of a watch, a list or a page) that the server reported as too old. */
export interface Expired {
  readonly at: number
  readonly via: string
  readonly client: string
  readonly revision: number
  /** The revision to which etcd was compacted by then: the oldest one that it still had. */
  readonly compacted: number
  /** The newest revision when the server last started: it can't remember earlier changes. */
  readonly startedAt: number
  /** How many changes of the resource it had to remember to answer. */
  readonly changes: number
}

/** A server keeps at least this many changes of a resource: the smallest capacity of its watch cache. */
const leastRemembered = 100

/**
 * "Too old" is correct only for a revision that was compacted, precedes the server's start, or exceeds the server's
 * memory.
 */
export function expiredEarly(expired: readonly Expired[]): Violation[] {
  return expired
    .filter(
      ({ revision, compacted, startedAt, changes }) =>
        revision >= compacted && revision >= startedAt && changes <= leastRemembered,
    )
    .map(({ client, via, revision, compacted, changes }) => ({
      rule: 'gone only when it is due',
      description: `${via} reported to ${client} that ${revision} is gone, ${changes} changes later and with etcd compacted to ${compacted}`,
      operations: [],
    }))
}
