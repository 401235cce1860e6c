import { rename, rm } from 'node:fs/promises'
import { exists } from '../absence.ts'
import { command } from '../command.ts'
import { end, start, state } from '../supervisor.ts'
import { agentAction } from './action.ts'

interface Params {
  /** Path of the snapshot in this machine. */
  readonly snapshot: string
  readonly name: string
  readonly peerUrl: string
  /** As etcd's own flag has it: name=url,name=url. */
  readonly initialCluster: string
  /** A new one, so that nobody who still has the newer data takes part. */
  readonly token: string
}

const data = '/var/lib/etcd/data'
/** What was there until now. Whoever removes it has decided that the older data stays. */
const aside = '/var/lib/etcd/holdfast-newer'

/**
 * A member starts with what was in a snapshot; its newer data lies aside. Undone by putting that back, as long as it is
 * there: when it was removed, there is nothing to undo any more.
 */
export const restoreData = agentAction({
  name: 'restore-data',
  do: async ({ snapshot, name, peerUrl, initialCluster, token }: Params) => {
    const { pid } = await end('etcd', 'SIGTERM', true)
    await rename(data, aside)
    await command('etcdutl', [
      'snapshot',
      'restore',
      snapshot,
      `--data-dir=${data}`,
      `--name=${name}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=${initialCluster}`,
      `--initial-cluster-token=${token}`,
    ])
    const started = await start('etcd')
    return { endedPid: pid ?? null, pid: started['pid'] ?? null }
  },
  undo: async ({ snapshot }) => {
    await rm(snapshot, { force: true })
    const putBack = exists(aside)
    if (putBack) {
      if ((await state('etcd')).pid !== 0) await end('etcd', 'SIGTERM', true)
      await rm(data, { recursive: true, force: true })
      await rename(aside, data)
    }
    await start('etcd')
    return { putBack }
  },
})
