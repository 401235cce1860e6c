import { z } from 'zod'
import { at } from './at.ts'

/** When the snapshot was taken: before the fault, after its effect was confirmed, or after it was healed. */
const edge = { fault: z.string(), moment: z.enum(['before', 'effect', 'healed']) }

/**
 * Selected metric families from a component's /metrics around a fault, by Prometheus series
 * (`leader_election_master_status{name="kube-scheduler"}`). `error` if it did not answer. `fault` is the fault's `id`.
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

/** Number of connection tracking entries of a machine around a fault, in total and by protocol. */
export const conntrack = z.object({
  kind: z.literal('conntrack'),
  at,
  machine: z.string(),
  ...edge,
  flows: z.number().int(),
  byProtocol: z.record(z.string(), z.number().int()),
})
