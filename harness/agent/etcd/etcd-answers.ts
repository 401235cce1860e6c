import * as z from 'zod/mini'

/*
 * What etcd's JSON gateway answers; 64-bit numbers come as strings, and a zero does not come at all. zod's small edition: the
 * whole one would be nine tenths of the agent, read by every machine as it starts.
 */

const text = (otherwise: string) => z._default(z.string(), otherwise)
const number = z.coerce.number()

export const members = z.object({ members: z.array(z.object({ ID: z.string(), name: z.string() })) })

export const status = z.object({
  header: z.object({ raft_term: z.string(), revision: text('0') }),
  leader: text('0'),
})

/** One message of a watch. A deletion has no value; for a compacted start revision it has the compaction revision. Progress is a message without events. */
export const watchMessage = z.object({
  error: z.optional(z.object({ message: text('') })),
  result: z.optional(
    z.object({
      header: z.optional(z.object({ revision: z._default(number, 0) })),
      created: z._default(z.boolean(), false),
      canceled: z._default(z.boolean(), false),
      cancel_reason: z.optional(z.string()),
      compact_revision: z._default(number, 0),
      events: z.optional(
        z.array(
          z.object({
            type: z._default(z.enum(['PUT', 'DELETE']), 'PUT'),
            kv: z.object({
              key: z.string(),
              value: text(''),
              mod_revision: number,
              create_revision: z._default(number, 0),
            }),
          }),
        ),
      ),
    }),
  ),
})
