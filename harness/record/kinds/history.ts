import { z } from 'zod'
import { at } from './at.ts'

/*
 * Requests of clients to a few objects and the answers, for history checks. `via` is an etcd machine or `apiserver@<machine>`. A
 * revision is etcd's count of writes; Kubernetes' resourceVersion is the same number.
 */

const store = z.enum(['etcd', 'apiserver'])

/**
 * One operation of one client. `at` is its call and `endedAt` its return or time-out. An operation with outcome `unknown` may take
 * effect at any time after its call, or never. A `cached-get` may be answered from a cache (resourceVersion=0, or a serializable
 * read). `refusal` is the object's state according to the answer. A refused operation had no effect.
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
 * A list of all objects of a history, in one or several parts. `parts` are the revisions that the parts reported. `expired` means
 * that the requested revision, `asked`, is no longer available (410).
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
 * A watch begins or ends. It requests all changes after `since`. `end` is why it ended: `expired` means that the requested revision
 * is no longer available (410, or compacted). `compacted` is the revision that etcd was compacted to.
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

/** One event of a watch. Events of one message have the same `batch`. A bookmark has only a revision. */
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
 * A client created an object with a name that the server generates, so that a repeated request creates a second object. `value`
 * identifies the request and is stored in the object; `key` is the name in the answer.
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

/** All objects from such requests, in a consistent list after the last request. */
export const created = z.object({
  kind: z.literal('created'),
  at,
  endedAt: z.number(),
  via: z.string(),
  objects: z.array(z.object({ key: z.string(), value: z.string(), uid: z.string() })),
})

/** A client created a Service (`endedAt` is when it received the address) or deletes it (`at` is when it sent the request). */
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

/** Content of one etcd member at a revision: its hash of the whole store, and the clients' keys and values. `compacted` is the revision that it was compacted to. */
export const content = z.object({
  kind: z.literal('content'),
  at,
  member: z.string(),
  revision: z.number().int(),
  compacted: z.number().int(),
  hash: z.number(),
  values: z.record(z.string(), z.string()),
})

/** The harness compacted etcd to a revision: older revisions are no longer available. */
export const compaction = z.object({ kind: z.literal('compaction'), at, via: z.string(), revision: z.number().int() })
