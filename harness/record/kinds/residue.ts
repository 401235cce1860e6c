import { z } from 'zod'
import { at } from './at.ts'

/**
 * What a scenario has left behind in the cluster, once its faults were healed and its workloads removed: everything that is
 * there and was not before, or was and is not. Nothing in `found` means clean; else the cluster is thrown away.
 */
export const residue = z.object({
  kind: z.literal('residue'),
  at,
  scenario: z.string(),
  found: z.array(
    z.object({
      /** A machine, or `cluster` for what is in the API. */
      where: z.string(),
      /** What kind of thing: `route`, `nft table`, `lease`, `taint`. */
      what: z.string(),
      change: z.enum(['added', 'missing']),
      entry: z.string(),
    }),
  ),
})
