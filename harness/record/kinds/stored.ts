import { z } from 'zod'
import { at } from './at.ts'

/**
 * Changes that etcd committed under /registry/, from one member's watch: a source independent of the API servers. Only keys and
 * revisions, never values. A revision is the `resourceVersion` of Kubernetes.
 */
export const stored = z.object({
  kind: z.literal('stored'),
  at,
  member: z.string(),
  events: z.array(z.object({ key: z.string(), revision: z.number().int(), type: z.enum(['put', 'delete']) })),
})
