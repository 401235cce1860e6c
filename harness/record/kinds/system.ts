import { z } from 'zod'
import { at } from './at.ts'

/**
 * Processes of one component on one machine, found in /proc by executable, including those that its supervisor did not start. No
 * instances means that none runs. `error` means that they could not be read, which proves nothing.
 */
export const processes = z.object({
  kind: z.literal('processes'),
  at,
  machine: z.string(),
  component: z.string(),
  /** The start or the end of a scenario, or an edge of a fault. */
  moment: z.enum(['start', 'fault', 'end']),
  /** Whether the machine must run this component. */
  expected: z.boolean(),
  /** The component whose process contains this one; `instances` are then of that component. */
  within: z.string().optional(),
  /** `startedAt` is in clock ticks since boot; with the pid it identifies one process. */
  instances: z.array(z.object({ pid: z.number().int(), startedAt: z.string(), supervised: z.boolean() })),
  error: z.string().optional(),
})

/**
 * Load of the host since the previous record, at most `everyMs` earlier. `latestMs` is the longest delay of a timer of one second.
 * `busy`, `steal` and `pressure` (some task waited for a processor) are shares of time from 0 to 1.
 */
export const host = z.object({
  kind: z.literal('host'),
  at,
  everyMs: z.number(),
  latestMs: z.number(),
  cores: z.number().int(),
  runnable: z.number().int().optional(),
  busy: z.number().optional(),
  steal: z.number().optional(),
  pressure: z.number().optional(),
})

/**
 * Established TCP connections of a machine with etcd's client port (`port`), in groups of one process and two addresses. `end` is the
 * machine's end of them, and `ports` are the clients' ports. `process` is the component or the program that holds that end, `holdfast`
 * for Holdfast's own, and '' where no process of the machine does. All machines are read three times in sequence. `machine` is
 * `outside` for the client outside of the cluster.
 */
export const sockets = z.object({
  kind: z.literal('sockets'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  port: z.number().int(),
  connections: z.array(
    z.object({
      end: z.enum(['client', 'server']),
      process: z.string(),
      client: z.string(),
      server: z.string(),
      ports: z.array(z.number().int()),
    }),
  ),
})
