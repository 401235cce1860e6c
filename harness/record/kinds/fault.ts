import { z } from 'zod'
import { at } from './at.ts'

const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** Target of a fault. A partition has `cut`: packets from one machine to the other are dropped. */
const faultTargetSchema = z.object({
  machines: z.array(z.string()),
  component: z.string().optional(),
  /** Components embedded in the same process, which the fault affects too. */
  along: z.array(z.string()).optional(),
  /** A container of a pod; `container` is `pause` for the sandbox. */
  pod: z.object({ namespace: z.string(), name: z.string(), container: z.string() }).optional(),
  /** Pods by label selector, on any Node. */
  pods: z.object({ namespace: z.string(), selector: z.string() }).optional(),
  cut: z.array(z.object({ from: z.string(), to: z.string() })).optional(),
  /** The network of a partition: that of the etcd members (default), of the machines, or of the pods. */
  network: z.enum(['peers', 'cluster', 'pods']).optional(),
})

/** Evidence for an edge of a fault: a sentence and its figures. */
const evidenceSchema = z.object({ proves: z.string(), facts })

/**
 * An edge of a fault: `intent` (recorded before any change), `injected` (with evidence of its effect), `healed` (with evidence of its
 * end) or `unproven` (without proof of effect: stimuli that depend on it are invalid). A fault that is intentionally never healed (a
 * lost machine) has `permanent` true on its intent. `revertingAt` of `healed` is when the revert began: the effect may have ended at
 * any time after that.
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
