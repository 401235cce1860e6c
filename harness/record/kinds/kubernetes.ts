import { z } from 'zod'
import { at } from './at.ts'

/** A Kubernetes object as one API server's watch reported it. `source` is that server's machine. */
export const watch = z.object({
  kind: z.literal('watch'),
  at,
  source: z.string(),
  event: z.enum(['listed', 'added', 'modified', 'deleted']),
  resource: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  object: z.record(z.string(), z.unknown()),
})

/** A period in which one watch was cut: changes in it may be missing. `resource` is `audit` for an audit log that no agent followed. */
export const gap = z.object({
  kind: z.literal('gap'),
  at,
  source: z.string(),
  resource: z.string(),
  until: z.number(),
  reason: z.string(),
})

/**
 * Progress of a watch: it has delivered all changes up to `resourceVersion`, as events or in its initial list. The API server sends
 * this in bookmarks and at the end of a list.
 */
export const mark = z.object({
  kind: z.literal('mark'),
  at,
  source: z.string(),
  resource: z.string(),
  resourceVersion: z.string(),
})

/** One answered request from the audit log of the API server on `machine`. `at` is its arrival, `endedAt` its answer. */
export const audit = z.object({
  kind: z.literal('audit'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  id: z.string(),
  user: z.string(),
  userAgent: z.string(),
  sourceAddress: z.string(),
  verb: z.string(),
  resource: z.string(),
  subresource: z.string(),
  namespace: z.string(),
  name: z.string(),
  code: z.number(),
  /** For a binding, the requested Node. For a create, the object's name if the server generated it. */
  detail: z.string().optional(),
})
