import { z } from 'zod'
import { at } from './at.ts'

/*
 * What clients did to a few objects and were told, for judges of histories. `via` is an etcd machine or `apiserver@<machine>`.
 * A revision is etcd's count of writes; Kubernetes' resourceVersion is the same number.
 */

const store = z.enum(['etcd', 'apiserver'])

/**
 * One operation of one client. `at` is its call and `endedAt` its return, or when it was given up. An `unknown` one may take
 * effect at any time after its call, or never. A `cached-get` may be answered from a cache (resourceVersion=0, or a
 * serializable read). `refusal` says what the answer tells of the object; a refusal without one rules the operation out.
 */
export const operation = z.object({
  kind: z.literal('operation'),
  at,
  endedAt: z.number(),
  client: z.string(),
  via: z.string(),
  store,
  operation: z.enum(['create', 'update', 'patch', 'delete', 'get', 'cached-get']),
  key: z.string(),
  precondition: z.number().int().optional(),
  value: z.string().optional(),
  outcome: z.enum(['ok', 'refused', 'unknown']),
  refusal: z.enum(['exists', 'conflict', 'absent']).optional(),
  revision: z.number().int().optional(),
  error: z.string().optional(),
})

/**
 * A list of all objects of a history, whole or in parts. `parts` are the revisions that the parts said they were of. `expired`
 * is the answer that what was asked for is gone (410); then `asked` says which revision that was.
 */
export const listing = z.object({
  kind: z.literal('listing'),
  at,
  endedAt: z.number(),
  client: z.string(),
  via: z.string(),
  store,
  how: z.enum(['consistent', 'cached', 'exact', 'paged']),
  asked: z.number().int().optional(),
  outcome: z.enum(['ok', 'expired', 'failed']),
  parts: z.array(z.number().int()),
  items: z.record(z.string(), z.object({ revision: z.number().int(), value: z.string() })),
  error: z.string().optional(),
})

/**
 * A watch begins or ends. It was asked to tell everything after `since`. `end` says why it ended; where what it asked for was
 * gone (410, or compacted) it is `expired`, and etcd also says which revision it was compacted to.
 */
export const stream = z.object({
  kind: z.literal('stream'),
  at,
  id: z.string(),
  client: z.string(),
  via: z.string(),
  store,
  since: z.number().int(),
  edge: z.enum(['opened', 'ended']),
  end: z.enum(['closed', 'broken', 'expired']).optional(),
  compacted: z.number().int().optional(),
  reason: z.string().optional(),
})

/** One event of a watch. Those that came in one message have the same `batch`. A bookmark has a revision and nothing else. */
export const notification = z.object({
  kind: z.literal('notification'),
  at,
  stream: z.string(),
  event: z.enum(['added', 'modified', 'deleted', 'bookmark']),
  key: z.string(),
  value: z.string(),
  revision: z.number().int(),
  batch: z.number().int(),
})

/**
 * A client asked for a new object under a name of the server's choice, so that asking twice would make two. `value` is the
 * request's own and stays with the object; `key` is the name that the client was told.
 */
export const creation = z.object({
  kind: z.literal('creation'),
  at,
  endedAt: z.number(),
  client: z.string(),
  via: z.string(),
  value: z.string(),
  outcome: z.enum(['ok', 'refused', 'unknown']),
  key: z.string().optional(),
  error: z.string().optional(),
})

/** Everything that such requests have left, in a consistent list once nobody asks any more. */
export const created = z.object({
  kind: z.literal('created'),
  at,
  endedAt: z.number(),
  via: z.string(),
  objects: z.array(z.object({ key: z.string(), value: z.string(), uid: z.string() })),
})

/** A Service of ours was created (`endedAt` is when we were told its address) or is deleted (`at` is when we asked for that). */
export const allocation = z.object({
  kind: z.literal('allocation'),
  at,
  endedAt: z.number(),
  client: z.string(),
  via: z.string(),
  edge: z.enum(['created', 'deleted']),
  owner: z.string(),
  address: z.string(),
})

/** What one etcd member holds at a revision: its own hash of everything, and our keys with their values. `compacted` is the revision it was compacted to. */
export const content = z.object({
  kind: z.literal('content'),
  at,
  member: z.string(),
  revision: z.number().int(),
  compacted: z.number().int(),
  hash: z.number(),
  values: z.record(z.string(), z.string()),
})

/** We had etcd compacted to a revision: what was before is gone. */
export const compaction = z.object({ kind: z.literal('compaction'), at, via: z.string(), revision: z.number().int() })
