import { z } from 'zod'
import { at } from './at.ts'

/**
 * What etcd itself committed under /registry/, as one member's watch told it: the witness beside the API servers. Keys and
 * revisions only, never values. A revision is what Kubernetes calls `resourceVersion`.
 */
export const stored = z.object({
  kind: z.literal('stored'),
  at,
  member: z.string(),
  events: z.array(z.object({ key: z.string(), revision: z.number().int(), type: z.enum(['put', 'delete']) })),
})
