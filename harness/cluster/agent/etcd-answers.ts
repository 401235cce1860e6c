import { z } from 'zod'

/* What etcd's JSON gateway answers; 64-bit numbers come as strings, and a zero does not come at all. */

export const members = z.object({ members: z.array(z.object({ ID: z.string(), name: z.string() })) })

export const status = z.object({
  header: z.object({ raft_term: z.string(), revision: z.string().default('0') }),
  leader: z.string().default('0'),
})
