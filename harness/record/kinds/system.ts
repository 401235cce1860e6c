import { z } from 'zod'
import { at } from './at.ts'

/**
 * The processes of one component on one machine, read from /proc by executable, so that a process that its supervisor did not
 * start is among them. No instances: none runs. `error` where they could not be read, which proves nothing.
 */
export const processes = z.object({
  kind: z.literal('processes'),
  at,
  machine: z.string(),
  component: z.string(),
  /** The start or the end of a scenario, or an edge of a fault. */
  moment: z.enum(['start', 'fault', 'end']),
  /** The machine is to run this component. */
  expected: z.boolean(),
  /** The component that this one is a part of: then the instances are that one's. */
  within: z.string().optional(),
  /** `startedAt` in clock ticks since boot: with the pid it identifies one process. */
  instances: z.array(z.object({ pid: z.number().int(), startedAt: z.string(), supervised: z.boolean() })),
  error: z.string().optional(),
})

/**
 * How busy the host was since the record before, at most `everyMs` earlier. `latestMs` is by how much a timer of one second was
 * late at most; `busy`, `steal` and `pressure` (some task waited for a processor) are shares of the time from 0 to 1.
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
