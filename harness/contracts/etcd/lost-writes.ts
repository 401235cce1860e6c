import type { Ledger } from '../../judge/cluster/acknowledged-writes.ts'
import type { Finding } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted, listed } from '../../judge/verdict/format.ts'

const found = findings({
  WRITES_LOST: ({ writes }: { readonly writes: readonly string[] }) =>
    `Acknowledged writes are missing: ${listed(writes)}.`,
})

/** The gravest finding about a store: it acknowledged a write that it does not hold. */
export function lostWrites({ lost, evidence }: Ledger): Finding {
  return found.fail('WRITES_LOST', { writes: lost }, { observed: counted(lost.length, 'lost write'), evidence })
}
