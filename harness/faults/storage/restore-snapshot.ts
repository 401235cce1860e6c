import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { base64 } from '../../common/base64.ts'
import { etcdRequestFrom, clientUrl } from '../../cluster/etcd.ts'
import { noMember, servesAgain } from './etcd-member.ts'
import { EtcdSnapshot } from './etcd-snapshot.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { printed } from '../engine/look-in.ts'
import { refuseWithin } from '../process/component-process.ts'

const apiServer = 'kube-apiserver'
const timeoutMs = 10_000

/**
 * Restores etcd from an older snapshot, as after a disaster: kills the API servers (SIGTERM takes up to a minute), restores
 * every member from the same file under a new cluster token, and starts all again. Other components keep their newer caches.
 * Permanent: later writes are lost, and the cluster runs no other scenario.
 */
export const restoreSnapshot = defineFault({
  name: 'restore-snapshot',
  describe: 'Restores etcd from an older snapshot for good, while other components keep their newer caches',
  hits: 'cluster',
  evidence: {
    bit: 'every member serves, and a key that was written and read just before is gone',
    ended: 'the cluster is removed; the fault is permanent',
  },
  options: z.object({
    snapshot: z
      .union([z.custom<EtcdSnapshot>((value) => value instanceof EtcdSnapshot), z.string().min(1)], 'expected a path')
      .describe('a local file that `etcdctl snapshot save` has written on this cluster'),
  }),
  create: (cluster, { snapshot }) =>
    restoreFault(typeof snapshot === 'string' ? EtcdSnapshot.from(snapshot) : snapshot, cluster),
})

/** Until a newer key is gone, the newer data is kept aside: it is put back after an error or the death of the harness. */
function restoreFault(snapshot: EtcdSnapshot, cluster: Cluster): FaultBody {
  const { etcd, controlPlane } = cluster
  for (const machine of controlPlane) refuseWithin({ machine, component: apiServer })
  const peerUrl = ({ spec }: Machine): string => `https://${spec.peerAddress}:2380`
  const initialCluster = etcd.map((machine) => `${machine.name}=${peerUrl(machine)}`).join(',')
  const all = [...etcd, ...controlPlane]
  return {
    target: { machines: etcd.map(({ name }) => name), component: 'etcd' },
    permanent: true,
    claims: [...etcd.map(({ name }) => `${name}/etcd`), ...controlPlane.map(({ name }) => `${name}/${apiServer}`)],
    available: async () => {
      const reasons = await Promise.all([snapshot.lacking(), ...etcd.map(noMember)])
      return reasons.find((reason) => reason !== undefined)
    },
    inject: async ({ id, ttlMs }) => {
      const [witness] = etcd
      if (!witness) throw new Error('there is no etcd member')
      const key = base64(`holdfast/${id}`)
      await etcdRequestFrom(witness, '/v3/kv/put', { key, value: base64('newer') }, { timeoutMs })
      const before = await countOf(witness, key)
      const copies = await Promise.all(etcd.map(async (machine) => [machine, await snapshot.copyTo(machine)] as const))
      const stop = { do: 'signal', params: { component: apiServer, signal: 'SIGKILL', stay: true } } as const
      await Promise.all(controlPlane.map((machine) => machine.call('take', { lease: id, ttlMs, action: stop })))
      await Promise.all(
        copies.map(([machine, path]) => {
          const params = { snapshot: path, name: machine.name, peerUrl: peerUrl(machine), initialCluster, token: id }
          return machine.call('take', { lease: id, ttlMs, action: { do: 'restore-data', params } })
        }),
      )
      await Promise.all(etcd.map(servesAgain))
      const after = await countOf(witness, key)
      if (before !== 1 || after !== 0)
        throw new Error(`the newest key: expected 1 before and 0 after the restore, got ${before} and ${after}`)
      // Deletes the newer data: the fault can't be reverted from here on.
      await Promise.all(etcd.map((machine) => printed(machine, ['rm', '-rf', '/var/lib/etcd/holdfast-newer'])))
      await Promise.all(all.map((machine) => machine.call('release', { lease: id })))
      return [
        {
          proves: 'etcd contains the data of the snapshot',
          facts: { members: etcd.map(clientUrl).join(' '), newestBefore: before, newestAfter: after },
        },
      ]
    },
    // Called only for an unproven fault: the agents put the newer data back.
    heal: async ({ id }) => {
      const results = await Promise.allSettled(all.map((machine) => machine.call('release', { lease: id })))
      for (const result of results) if (result.status === 'rejected') throw result.reason
      await Promise.all(etcd.map(servesAgain))
      return [{ proves: 'etcd serves the data from before the fault', facts: { members: etcd.length } }]
    },
    undo: () => all.map(({ name }) => ({ do: 'agent' as const, machine: name })),
  }
}

async function countOf(member: Machine, key: string): Promise<number> {
  const { count = '0' } = (await etcdRequestFrom(member, '/v3/kv/range', { key }, { timeoutMs })) as { count?: string }
  return Number(count)
}
