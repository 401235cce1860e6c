import { z } from 'zod'
import { at } from './at.ts'

const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** What a fault hits. A partition has `from` and `to` (machine names, packets from -> to are dropped). */
const faultTargetSchema = z.object({
  machines: z.array(z.string()),
  component: z.string().optional(),
  /** The components that run inside that one's process, where they do: they are hit along with it. */
  along: z.array(z.string()).optional(),
  /** A container of a pod; `container` is `pause` for the sandbox's own. */
  pod: z.object({ namespace: z.string(), name: z.string(), container: z.string() }).optional(),
  /** Pods by their labels, wherever they run. */
  pods: z.object({ namespace: z.string(), selector: z.string() }).optional(),
  cut: z.array(z.object({ from: z.string(), to: z.string() })).optional(),
  /** The network that a partition is on: etcd's members' own (also when it is not said), the machines', or their pods'. */
  network: z.enum(['peers', 'cluster', 'pods']).optional(),
})

/** What proves an edge of a fault: a sentence and the figures behind it. */
const evidenceSchema = z.object({ proves: z.string(), facts })

/**
 * A fault's life: `intent` (on disk before anything is touched), `injected` (with evidence that it bit),
 * `healed` (with evidence that it ended) or `unproven` (it may not have bitten: the scenario is invalid).
 * A fault that is never healed on purpose (a machine lost for good) has `permanent` true on its intent. `revertingAt` of
 * `healed` is when the revert began: the effect may have ended at any time from then on.
 */
export const fault = z.object({
  kind: z.literal('fault'),
  at,
  id: z.string(),
  fault: z.string(),
  target: faultTargetSchema,
  edge: z.enum(['intent', 'injected', 'healed', 'unproven']),
  permanent: z.boolean().optional(),
  revertingAt: z.number().optional(),
  evidence: z.array(evidenceSchema),
})

export type FaultTarget = z.infer<typeof faultTargetSchema>
export type Evidence = z.infer<typeof evidenceSchema>
