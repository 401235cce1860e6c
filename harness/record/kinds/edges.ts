import { z } from 'zod'
import { at } from './at.ts'

/** Which look at a fault this is: just before it, when it had bitten, or when it had ended. */
const edge = { fault: z.string(), moment: z.enum(['before', 'effect', 'healed']) }

/**
 * What a component told of itself on its /metrics around a fault: some families only, by series as Prometheus writes them
 * (`leader_election_master_status{name="kube-scheduler"}`). `error` where it told nothing. `fault` is the fault's `id`.
 */
export const metrics = z.object({
  kind: z.literal('metrics'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  component: z.string(),
  ...edge,
  values: z.record(z.string(), z.number()),
  error: z.string().optional(),
})

/** How many flows a machine's connection tracking held around a fault: all, and by protocol. */
export const conntrack = z.object({
  kind: z.literal('conntrack'),
  at,
  machine: z.string(),
  ...edge,
  flows: z.number().int(),
  byProtocol: z.record(z.string(), z.number().int()),
})
