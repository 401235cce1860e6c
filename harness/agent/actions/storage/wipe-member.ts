import { rm } from 'node:fs/promises'
import { exists } from '../../ttl/absence.ts'
import { overrideFlags, restoreFlags } from '../../processes/component-flags.ts'
import { etcdRequest } from '../../etcd/etcd-client.ts'
import { http } from '../../rpc/http.ts'
import { waitUntilServing } from '../../etcd/etcd-disk.ts'
import { end, start, state } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** This machine's name, which is also its member's. */
  readonly name: string
  readonly peerUrl: string
  /** Client URLs of the other members, which list the members while this one has no data. */
  readonly others: readonly string[]
}

interface Member {
  readonly ID: string
  readonly name?: string
  readonly peerURLs: readonly string[]
}

const data = '/var/lib/etcd/data'
const timeoutMs = 10_000

/**
 * Deletes a member's data, as if it had lost its disk. Effect confirmed when its process has ended and its data is gone.
 * Reverted as etcd's manual describes: the others remove the old member and add it anew; it starts empty and replicates
 * everything.
 */
export const wipeMember = agentAction({
  name: 'wipe-member',
  do: async ({ peerUrl, others }: Params) => {
    const before = await listed(others, peerUrl)
    const { pid } = await end('etcd', 'SIGKILL', true)
    await rm(data, { recursive: true })
    if (exists(data)) throw new Error(`${data} still exists`)
    return { member: before?.ID ?? null, pid: Number(pid), dataGone: true }
  },
  undo: async ({ name, peerUrl, others }) => {
    if (exists(`${data}/member`)) {
      await restoreFlags('etcd')
      await start('etcd')
      return { rejoined: false, data: true }
    }
    if ((await state('etcd')).pid !== 0) await end('etcd', 'SIGTERM', true)
    const before = await listed(others, peerUrl)
    // A member without a name was already added and has not started yet.
    if (before?.name) await request(others, '/v3/cluster/member/remove', { ID: before.ID })
    if (!before || before.name) await request(others, '/v3/cluster/member/add', { peerURLs: [peerUrl] })
    await restoreFlags('etcd')
    await overrideFlags('etcd', { 'initial-cluster-state': 'existing' })
    await start('etcd')
    await waitUntilServing()
    await restoreFlags('etcd')
    const after = await listed(others, peerUrl)
    if (after?.name !== name) throw new Error(`the other members do not list ${name} as started`)
    return { rejoined: true, was: before?.ID ?? null, is: after.ID }
  },
})

async function listed(others: readonly string[], peerUrl: string): Promise<Member | undefined> {
  const { members } = (await request(others, '/v3/cluster/member/list', {})) as { members: Member[] }
  return members.find(({ peerURLs }) => peerURLs.includes(peerUrl))
}

/** Sends the request to the others in turn until one answers. */
async function request(others: readonly string[], path: string, body: object): Promise<unknown> {
  let last: unknown = new Error('there are no other members')
  for (const member of others) {
    try {
      return await etcdRequest(http, path, body, { timeoutMs, member })
    } catch (error) {
      last = error
    }
  }
  throw last
}
