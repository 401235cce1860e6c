import { z } from 'zod'

/* What etcd's JSON gateway answers; 64-bit numbers come as strings, and a zero does not come at all. */

export const members = z.object({ members: z.array(z.object({ ID: z.string(), name: z.string() })) })

export const status = z.object({
  header: z.object({ raft_term: z.string(), revision: z.string().default('0') }),
  leader: z.string().default('0'),
})

/** One message of a watch. A deletion has no value; of a compacted start it says up to where. */
export const watchMessage = z.object({
  error: z.object({ message: z.string().default('') }).optional(),
  result: z
    .object({
      canceled: z.boolean().default(false),
      cancel_reason: z.string().optional(),
      compact_revision: z.coerce.number().default(0),
      events: z
        .array(
          z.object({
            type: z.enum(['PUT', 'DELETE']).default('PUT'),
            kv: z.object({
              key: z.string(),
              value: z.string().default(''),
              mod_revision: z.coerce.number(),
              create_revision: z.coerce.number().default(0),
            }),
          }),
        )
        .optional(),
    })
    .optional(),
})
