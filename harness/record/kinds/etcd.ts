import { z } from 'zod'
import { at } from './at.ts'

/** Maintenance status of an etcd member, or that it did not answer. `leader` is a machine's name, '' without a leader. */
export const etcd = z.object({
  kind: z.literal('etcd'),
  at,
  member: z.string(),
  answered: z.boolean(),
  leader: z.string().optional(),
  term: z.number().optional(),
  revision: z.number().optional(),
  error: z.string().optional(),
})

/**
 * A client requests a lease of etcd with a key (`granted`), or reads that key consistently: the lease is `held` or has
 * `expired`. `unknown`: no answer. etcd granted the lease between `at` and `endedAt`; `ttlMs` is the lifetime that it granted.
 */
export const leased = z.object({
  kind: z.literal('leased'),
  at,
  endedAt: z.number(),
  via: z.string(),
  lease: z.string(),
  ttlMs: z.number(),
  state: z.enum(['granted', 'held', 'expired', 'unknown']),
  error: z.string().optional(),
})
