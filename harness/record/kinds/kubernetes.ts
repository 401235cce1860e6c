import { z } from 'zod'
import { at } from './at.ts'

/** A Kubernetes object as one API server's watch told it (`source` is that server's machine). */
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

/** A time in which one watch saw nothing because it was cut; what changed in it may be missing. `resource` is `audit` for an audit log that nobody followed. */
export const gap = z.object({
  kind: z.literal('gap'),
  at,
  source: z.string(),
  resource: z.string(),
  until: z.number(),
  reason: z.string(),
})

/**
 * How far a watch has got: everything up to `resourceVersion` was told, or is part of the list that it began with. So says
 * the API server in its bookmarks, and at the end of a list.
 */
export const mark = z.object({
  kind: z.literal('mark'),
  at,
  source: z.string(),
  resource: z.string(),
  resourceVersion: z.string(),
})

/** One answered request, from the audit log of the API server on `machine`. `at` is its arrival, `endedAt` its answer. */
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
  /** Of a binding: the node asked for. Of a create: the created object's name if the server chose it. */
  detail: z.string().optional(),
})
