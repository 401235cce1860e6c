import type { Bound } from '../../judge/verdict/verdict.ts'
import { processRestart } from '../bounds.ts'

/** Until pods of two Nodes reach each other after packets between the Nodes were lost: flannel may have to restore a route. */
export const linkRestored: Bound = {
  limit: 11_000,
  unit: 'ms',
  source:
    '10 s between two checks of the routes by flannel (fixed in its code) + 1 s stated by Holdfast to restore one',
}

/** The same after a machine or its pods were down: its components and pods start first. */
export function machineNetworkRestored(): Bound {
  const { limit, source } = processRestart()
  return { limit: limit + linkRestored.limit, unit: 'ms', source: `${source} + ${linkRestored.source}` }
}
