import { rm } from 'node:fs/promises'
import { exists } from '../absence.ts'
import { overrideFlags, restoreFlags } from '../component-flags.ts'
import { askEtcd } from '../etcd-client.ts'
import { serving } from '../etcd-disk.ts'
import { end, start, state } from '../supervisor.ts'
import { agentAction } from './action.ts'

interface Params {
  /** This machine's name, which is its member's. */
  readonly name: string
  readonly peerUrl: string
  /** Client URLs of the other members: while this one has nothing, they say who is a member. */
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
 * A member loses its disk and all that was on it. Bitten: its process has ended and its data is gone. Undone as etcd's
 * manual says: the others remove the member that was, add it anew, and it starts empty and learns everything from them.
 */
export const wipeMember = agentAction({
  name: 'wipe-member',
  do: async ({ peerUrl, others }: Params) => {
    const before = await listed(others, peerUrl)
    const { pid } = await end('etcd', 'SIGKILL', true)
    await rm(data, { recursive: true })
    if (exists(data)) throw new Error(`${data} is still there`)
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
    // One without a name was added already, and has not started yet.
    if (before?.name) await ask(others, '/v3/cluster/member/remove', { ID: before.ID })
    if (!before || before.name) await ask(others, '/v3/cluster/member/add', { peerURLs: [peerUrl] })
    await restoreFlags('etcd')
    await overrideFlags('etcd', { 'initial-cluster-state': 'existing' })
    await start('etcd')
    await serving()
    await restoreFlags('etcd')
    const after = await listed(others, peerUrl)
    if (after?.name !== name) throw new Error(`the others do not list ${name} as a member that has started`)
    return { rejoined: true, was: before?.ID ?? null, is: after.ID }
  },
})

async function listed(others: readonly string[], peerUrl: string): Promise<Member | undefined> {
  const { members } = (await ask(others, '/v3/cluster/member/list', {})) as { members: Member[] }
  return members.find(({ peerURLs }) => peerURLs.includes(peerUrl))
}

/** Asks each of the others until one has an answer. */
async function ask(others: readonly string[], path: string, body: object): Promise<unknown> {
  let last: unknown = new Error('there are no other members')
  for (const member of others) {
    try {
      return await askEtcd(path, body, { timeoutMs, member })
    } catch (error) {
      last = error
    }
  }
  throw last
}
