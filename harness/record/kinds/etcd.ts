import { z } from 'zod'
import { at } from './at.ts'

/** What an etcd member says of itself (maintenance status), or that it did not answer. `leader` is a machine's name, '' for none. */
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
