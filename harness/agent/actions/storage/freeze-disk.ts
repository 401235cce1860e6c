import { eventually } from '../../../common/eventually.ts'
import { etcdDisk, moveBack, moveToDisk, waitUntilServing } from '../../etcd/etcd-disk.ts'
import { startFreezing, stopFreezing, stuckThreads } from '../../kernel/freeze-watchdog.ts'
import { start, state } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly megabytes: number
  /** How long the watchdog keeps it frozen, even without the agent. */
  readonly ttlMs: number
  /** If set, the disk is frozen and thawed in turns. */
  readonly turns?: { readonly frozenMs: number; readonly thawedMs: number }
}

const bitesWithinMs = 15_000

/**
 * Freezes etcd's file system. Writers block in the kernel and can't be killed, so this is reverted before all others.
 * Effect confirmed when one of etcd's threads waits for the file system.
 */
export const freezeDisk = agentAction({
  name: 'freeze-disk',
  first: true,
  do: async ({ megabytes, ttlMs, turns }: Params) => {
    await moveToDisk(megabytes)
    await start('etcd')
    await waitUntilServing()
    const watchdog = await startFreezing({ path: etcdDisk, ttlMs, turns })
    const { pid } = await state('etcd')
    const stuck = await eventually('etcd to wait for its disk', async () => (await stuckThreads(pid)) || undefined, {
      timeoutMs: bitesWithinMs,
      intervalMs: 2,
    })
    return { path: etcdDisk, watchdog, pid, stuckThreads: stuck }
  },
  undo: async () => {
    const wasFrozen = await stopFreezing(etcdDisk)
    const movedBack = await moveBack()
    return { path: etcdDisk, wasFrozen, movedBack }
  },
  evidence: async () => ({ stuckThreads: await stuckThreads((await state('etcd')).pid) }),
})
