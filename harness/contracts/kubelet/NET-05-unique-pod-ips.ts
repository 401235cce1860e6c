import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { type AddressClaim, podsInTheApi, sandboxes, sharedClaims } from '../../judge/cluster/pod-addresses.ts'
import { counted } from '../../judge/verdict/format.ts'
import { noException } from '../bounds.ts'

interface Shared {
  readonly address: string
  readonly holder: string
  readonly owner: string
  /** The number of addresses that two owners had at once. */
  readonly shared: number
}

const found = findings({
  ADDRESS_SHARED: ({ address, holder, owner, shared }: Shared) =>
    `${owner} got ${address} while ${holder} had it${shared > 1 ? ` (${counted(shared - 1, 'more address', 'more addresses')})` : ''}.`,
  ADDRESSES_UNIQUE: ({ pods, sandboxes: own }: { readonly pods: number; readonly sandboxes: number }) =>
    `No two of ${counted(pods, 'address', 'addresses')} of pods in the API and ${counted(own, 'sandbox', 'sandboxes')} on the machines were the same.`,
})

/**
 * Judges the pods of the API and the sandboxes in each machine's kernel: a pod that the API has deleted may
 * still run.
 */
export const uniquePodIps = defineContract<AddressClaim>({
  id: 'NET-05',
  area: 'kubelet',
  promise: 'No two running pods have the same address.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/',
  stimulus: {
    needs: 'a pod with an address',
    find: (recording) => [...podsInTheApi(recording), ...sandboxes(recording)],
  },
  judge(recording) {
    const [pods, own] = [podsInTheApi(recording), sandboxes(recording)]
    const shared = [...sharedClaims(pods), ...sharedClaims(own)]
    const bound = noException
    const [first] = shared
    if (!first) {
      return found.pass(
        'ADDRESSES_UNIQUE',
        { pods: pods.length, sandboxes: own.length },
        { observed: counted(pods.length + own.length, 'unique address', 'unique addresses'), measured: 0, bound },
      )
    }
    const { address, holder, claim } = first
    return found.fail(
      'ADDRESS_SHARED',
      { address, holder: holder.owner, owner: claim.owner, shared: shared.length },
      {
        observed: counted(shared.length, 'shared address', 'shared addresses'),
        measured: shared.length,
        bound,
        moments: [{ at: claim.record.at, label: `${address} is shared` }],
        evidence: [holder.record, claim.record],
      },
    )
  },
})
