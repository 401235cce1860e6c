import { rename, rm } from 'node:fs/promises'
import { exists } from '../../ttl/absence.ts'
import { command } from '../../processes/command.ts'
import { end, start, state } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Path of the snapshot in this machine. */
  readonly snapshot: string
  readonly name: string
  readonly peerUrl: string
  /** Format of etcd's own flag: name=url,name=url. */
  readonly initialCluster: string
  /** A new token, so that no member with the newer data takes part. */
  readonly token: string
}

const data = '/var/lib/etcd/data'
/** The data that the restore replaced. Removing it makes the restore final. */
const aside = '/var/lib/etcd/holdfast-newer'

/**
 * Starts a member from a snapshot and sets its newer data aside. The revert moves that data back. Once it is removed, there
 * is nothing to revert.
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
