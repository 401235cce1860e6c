import { z } from 'zod'
import { at } from './at.ts'

/**
 * Residue of a scenario after its faults were healed and its workloads removed: entries that were added or are missing compared with
 * the state before. Without any, the cluster is clean; otherwise it is discarded.
 */
export const residue = z.object({
  kind: z.literal('residue'),
  at,
  scenario: z.string(),
  found: z.array(
    z.object({
      /** A machine, or `cluster` for objects in the API. */
      where: z.string(),
      /** Kind of entry: `route`, `nft table`, `lease`, `taint`. */
      what: z.string(),
      change: z.enum(['added', 'missing']),
      entry: z.string(),
    }),
  ),
})
