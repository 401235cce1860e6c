import { eventually } from '../../common/eventually.ts'
import { clash, refuseClash } from './claims.ts'
import type { Intent, Intents } from './intents.ts'

/** A process needs some milliseconds from announcement to confirmation. */
const rivalWithinMs = 30_000

/**
 * Stores an intent, unless a fault of another process excludes it. Each process announces its intent before it reads the
 * others. Where two see each other, the one with the lower id waits and the other one withdraws.
 * @throws HoldfastError HF_FAULTS_CLASH when this one withdraws; HF_NOT_IN_TIME when a rival neither confirms nor withdraws
 */
export async function storeIntent(intents: Intents, intent: Intent): Promise<void> {
  const wanted = asClaimant(intent)
  intents.announce(intent)
  try {
    const refusal = await eventually(
      'another process to inject or withdraw its fault',
      () => {
        // In this order, so that the second read sees a rival that is confirmed between the two.
        const rivals = intents.announcedByOthers().filter((rival) => clash(wanted, asClaimant(rival)) !== undefined)
        const before = [...intents.ofOthers(), ...rivals.filter(({ id }) => id < intent.id)]
        const refused = refusalOf(() => refuseClash(wanted, before.map(asClaimant)))
        return refused ?? (rivals.length === 0 ? 'none' : undefined)
      },
      { timeoutMs: rivalWithinMs, intervalMs: 1 },
    )
    if (refusal !== 'none') throw refusal
    intents.confirm(intent.id)
  } catch (error) {
    intents.withdraw(intent.id)
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

function asClaimant({ fault, claims }: Intent): { readonly name: string; readonly claims: readonly string[] } {
  return { name: fault, claims }
}
