import { eventually } from '../eventually.ts'
import { clash, refuseClash } from './claims.ts'
import type { Intent, Intents } from './intents.ts'

/** From announced to confirmed it takes a process some milliseconds, unless it is held up. */
const rivalWithinMs = 30_000

/**
 * Writes an intent down, unless another process has in force, or wants at the same moment, what excludes it. Of those that
 * begin together one goes on: each announces what it wants before it looks at what others want, and where two see each other,
 * the lease that sorts first waits until the other has made way.
 * @throws HoldfastError HF_FAULTS_CLASH when it has to make way; HF_NOT_IN_TIME when a rival does neither
 */
export async function claim(intents: Intents, intent: Intent): Promise<void> {
  const wanted = asClaiming(intent)
  intents.announce(intent)
  try {
    const refusal = await eventually(
      'another process to inject its fault, or to make way',
      () => {
        // In this order: one that is confirmed between the two looks is seen by the second.
        const rivals = intents.announcedByOthers().filter((rival) => clash(wanted, asClaiming(rival)) !== undefined)
        const before = [...intents.ofOthers(), ...rivals.filter(({ lease }) => lease < intent.lease)]
        const refused = refusalOf(() => refuseClash(wanted, before.map(asClaiming)))
        return refused ?? (rivals.length === 0 ? 'none' : undefined)
      },
      { withinMs: rivalWithinMs, everyMs: 1 },
    )
    if (refusal !== 'none') throw refusal
    intents.confirm(intent.lease)
  } catch (error) {
    intents.withdraw(intent.lease)
    throw error
  }
}

function refusalOf(refuse: () => void): Error | undefined {
  try {
    refuse()
    return undefined
  } catch (error) {
    return error as Error
  }
}

function asClaiming({ fault, claims }: Intent): { readonly name: string; readonly claims: readonly string[] } {
  return { name: fault, claims }
}
