import type { Violation } from './history.ts'

/** A revision that was asked for (by a watch, a list or a page) and was too old for who was asked. */
export interface Expired {
  readonly at: number
  readonly via: string
  readonly client: string
  readonly revision: number
  /** The oldest revision that etcd still had by then: what it was compacted to. */
  readonly compacted: number
  /** The newest revision when the server that was asked last started: it can't remember what was before. */
  readonly startedAt: number
  /** How many changes of the resource it had to remember to answer. */
  readonly changes: number
}

/** Of a resource's changes a server keeps at least that many: the least capacity of its watch cache. */
const leastRemembered = 100

/** "Too old" is only right for what was compacted, was before the server's start, or is more than a server remembers. */
export function expiredEarly(expired: readonly Expired[]): Violation[] {
  return expired
    .filter(
      ({ revision, compacted, startedAt, changes }) =>
        revision >= compacted && revision >= startedAt && changes <= leastRemembered,
    )
    .map(({ client, via, revision, compacted, changes }) => ({
      rule: 'gone only when it is due',
      words: `${via} told ${client} that ${revision} is gone, ${changes} changes later and with etcd compacted to ${compacted}`,
      operations: [],
    }))
}
