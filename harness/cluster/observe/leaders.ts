import type { V1Lease } from '@kubernetes/client-node'
import { HoldfastError } from '../../common/errors.ts'
import { members, status } from '../../agent/etcd/etcd-answers.ts'
import { etcdRequestFrom } from '../etcd.ts'
import type { Kubernetes } from '../api/kubernetes.ts'
import type { Machine } from '../machine/machine.ts'

/**
 * Returns the machine whose component holds this Lease. Holder identities are the host's name, an underscore and a random part.
 * @throws HoldfastError HF_NO_LEADER
 */
export async function leaseHolder(kubernetes: Kubernetes, name: string): Promise<string> {
  const { spec } = await lease(kubernetes, name)
  const holder = (spec?.holderIdentity ?? '').split('_')[0] ?? ''
  if (holder !== '') return holder
  throw noLeader(`The Lease ${name} has no holder.`)
}

/** Returns whether scheduler and controller manager have a holder that has renewed its Lease in time. */
export async function leasesRenewed(kubernetes: Kubernetes, leaseDurationMs: number): Promise<boolean> {
  const held = await Promise.all(['kube-scheduler', 'kube-controller-manager'].map((name) => lease(kubernetes, name)))
  return held.every(({ spec }) => {
    const renewed = spec?.renewTime ? new Date(spec.renewTime as unknown as string).getTime() : 0
    return Boolean(spec?.holderIdentity) && Date.now() - renewed < leaseDurationMs / 2
  })
}

/** Returns the leader that etcd members report. @throws HoldfastError HF_NO_LEADER */
export async function etcdLeader(members: readonly Machine[]): Promise<string> {
  const name = await etcdLeaderBy(members)
  if (name !== '') return name
  throw noLeader('No etcd member reports a leader.')
}

/** Returns the leader that these etcd members report; '' while they have none. @throws when none of them answers */
export async function etcdLeaderBy(members: readonly Machine[]): Promise<string> {
  const answers = await Promise.allSettled(members.map(leaderOf))
  const named = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value)
  if (named.length === 0) throw new Error('no etcd member answers')
  return named.find((name) => name !== '') ?? ''
}

/** Returns whether all these members follow the same leader. */
export async function etcdMembersAgree(members: readonly Machine[]): Promise<boolean> {
  const leaders = new Set(await Promise.all(members.map(leaderOf)))
  return leaders.size === 1 && !leaders.has('')
}

/** Returns the leader that this member reports. */
async function leaderOf(machine: Machine): Promise<string> {
  const request = (path: string): Promise<unknown> => etcdRequestFrom(machine, path, {}, { timeoutMs: 1_000 })
  const { leader } = status.parse(await request('/v3/maintenance/status'))
  const { members: all } = members.parse(await request('/v3/cluster/member/list'))
  return all.find(({ ID }) => ID === leader)?.name ?? ''
}

function lease(kubernetes: Kubernetes, name: string): Promise<V1Lease> {
  return kubernetes.read<V1Lease>({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'kube-system', name },
  })
}

function noLeader(what: string): HoldfastError {
  return new HoldfastError('HF_NO_LEADER', what, { hint: 'Wait until a leader is elected.' })
}
