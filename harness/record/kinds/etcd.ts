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
