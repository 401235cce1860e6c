import { z } from 'zod'
import { at } from './at.ts'

/** Running containers as a machine's container runtime reports them, independent of the API. `startedAt` is the process's start in clock ticks; `address` is the sandbox's address, read from its network namespace. */
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

/** A command and its output (`kubectl drain`, `kubectl get pods -o wide`). */
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
