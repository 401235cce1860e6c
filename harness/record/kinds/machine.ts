import { z } from 'zod'
import { at } from './at.ts'

/** The containers that a machine's runtime runs, from the runtime itself: ground truth beside the API. `startedAt` is the process's start in clock ticks; `address` is a sandbox's own, read out of its network. */
export const containers = z.object({
  kind: z.literal('containers'),
  at,
  machine: z.string(),
  containers: z.array(
    z.object({
      id: z.string(),
      namespace: z.string(),
      pod: z.string(),
      name: z.string(),
      pid: z.number(),
      startedAt: z.string(),
      address: z.string().optional(),
    }),
  ),
})

/** A command that was run for its evidence (`kubectl drain`, `kubectl get pods -o wide`). */
export const command = z.object({
  kind: z.literal('command'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  argv: z.array(z.string()),
  exitCode: z.number().int(),
  stdout: z.string(),
  stderr: z.string(),
})
