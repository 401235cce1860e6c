import { defineContract, type Finding } from '../../../judge/contract.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { counted, duration } from '../../../judge/verdict/format.ts'
import { InconclusiveError } from '../../../judge/verdict/inconclusive.ts'
import { type Identity, identities, sharedTimes } from './running-identities.ts'

interface Twice {
  readonly pod: string
  readonly machines: string
  readonly forMs: number
}

const found = findings({
  IDENTITY_SHARED: ({ pod, machines, forMs }: Twice) =>
    `The pod ${pod} of a StatefulSet ran on ${machines} at the same time, for at least ${duration(forMs)}.`,
  IDENTITIES_UNIQUE: ({ identities: count, listings }: { readonly identities: number; readonly listings: number }) =>
    `Each of ${counted(count, 'pod name')} of StatefulSets ran on one Node at a time, in ${counted(listings, 'listing')} of the Nodes' runtimes.`,
})

/** The listings of one snapshot begin within this time, and a listing takes no longer on a sound host. */
const listingMs = 1_000

/** WL-03. A client that deletes a pod by force accepts that two of one name may run. */
export const onePodPerIdentity = defineContract<Identity>({
  id: 'WL-03',
  area: 'workloads',
  promise: 'At most one pod of each StatefulSet name runs at a time, also while the API does not reach its Node.',
  reference: 'https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/',
  stimulus: { needs: 'a running pod of a StatefulSet', find: identities },
  judge: (recording, all) => gravest(all, (one) => ranOnce(one, sharedTimes(recording, one), all)),
})

/** @throws InconclusiveError ORDER_UNKNOWN */
function ranOnce({ pod }: Identity, shared: ReturnType<typeof sharedTimes>, all: readonly Identity[]): Finding {
  const [longest] = shared.toSorted((a, b) => b.forMs - a.forMs)
  if (longest && longest.forMs >= listingMs) {
    const { machines, forMs, records: evidence } = longest
    const values = { pod, machines, forMs: Math.round(forMs) }
    return found.fail('IDENTITY_SHARED', values, { observed: 'one name on two Nodes', evidence })
  }
  if (longest) {
    const { machines, forMs } = longest
    const reason = `${pod} was listed on ${machines} at about the same time: one may have ended before the other started.`
    throw new InconclusiveError(reason, 'ORDER_UNKNOWN', { pod, machines, forMs: Math.round(forMs) })
  }
  const listings = new Set(all.flatMap(({ runs }) => runs.flatMap(({ records }) => records))).size
  const values = { identities: all.length, listings }
  return found.pass('IDENTITIES_UNIQUE', values, { observed: `${counted(all.length, 'name')}, each on one Node` })
}
