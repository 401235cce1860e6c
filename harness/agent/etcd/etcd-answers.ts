import * as z from 'zod/mini'
import { parsedJson } from '../../common/json-answer.ts'

/*
 * What etcd's JSON gateway answers; 64-bit numbers come as strings, and a zero does not come at all. zod's small edition: the
 * whole one would be nine tenths of the agent, read by every machine as it starts.
 */

const text = (otherwise: string) => z._default(z.string(), otherwise)
const number = z.coerce.number()

const list = <T extends z.core.$ZodType>(item: T) => z._default(z.array(item), [])
const header = z.object({ revision: z._default(number, 0), raft_term: z._default(number, 0) })
const kv = z.object({
  key: z.string(),
  value: text(''),
  mod_revision: number,
  create_revision: z._default(number, 0),
})

export const members = z.object({ members: z.array(z.object({ ID: z.string(), name: text('') })) })

export const status = z.object({ header, leader: text('0') })

export const range = z.object({
  header,
  kvs: list(kv),
  more: z._default(z.boolean(), false),
  count: z._default(number, 0),
})

export const txn = z.object({
  header,
  succeeded: z._default(z.boolean(), false),
  responses: list(z.object({ response_range: z.optional(z.object({ kvs: list(kv) })) })),
})

export const hash = z.object({ hash: z._default(number, 0), compact_revision: z._default(number, 0) })

/** One message of a watch. A deletion has no value; for a compacted start revision it has the compaction revision. Progress is a message without events. */
const watchMessage = z.object({
  error: z.optional(z.object({ message: text('') })),
  result: z.optional(
    z.object({
      header: z.optional(header),
      created: z._default(z.boolean(), false),
      canceled: z._default(z.boolean(), false),
      cancel_reason: z.optional(z.string()),
      compact_revision: z._default(number, 0),
      events: list(z.object({ type: z._default(z.enum(['PUT', 'DELETE']), 'PUT'), kv })),
    }),
  ),
})

export type WatchMessage = z.output<typeof watchMessage>

/** @throws the member's error, or that the line can't be read: a dropped event would look like one that never happened */
export function watchMessageOf(line: string): WatchMessage {
  const { success, data } = watchMessage.safeParse(parsedJson(line))
  if (!success) throw new Error(`a line of ${line.length} characters is no message of a watch`)
  if (data.error) throw new Error(data.error.message)
  return data
}
