import { open, rm, stat, statfs } from 'node:fs/promises'
import { eventually } from '../../../common/eventually.ts'
import { command, tryCommand } from '../../processes/command.ts'
import { etcdDisk, moveBack, moveToDisk } from '../../etcd/etcd-disk.ts'
import { start, state } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

const fill = `${etcdDisk}/holdfast-fill`
const log = '/var/log/holdfast/etcd.log'
const effectWithinMs = 30_000

/**
 * Fills etcd's disk to the last block before etcd starts, so that etcd has no preallocated space to free.
 * Effect confirmed when etcd logs the full disk and ends.
 */
export const fillDisk = agentAction({
  name: 'fill-disk',
  do: async ({ megabytes }: { readonly megabytes: number }) => {
    await moveToDisk(megabytes)
    await fillUp()
    const { size } = await stat(log)
    const { pid } = await start('etcd')
    const words = await eventually('etcd to report a full disk', () => fullDiskLine(size), {
      timeoutMs: effectWithinMs,
      intervalMs: 20,
    })
    await eventually('etcd to end', async () => (await state('etcd')).pid !== pid, { timeoutMs: effectWithinMs })
    const { bavail } = await statfs(etcdDisk)
    return { path: etcdDisk, freeBlocks: bavail, pid: pid ?? null, words }
  },
  undo: async () => {
    await rm(fill, { force: true })
    return { path: etcdDisk, movedBack: await moveBack() }
  },
})

/** Halves the requested size when it is too much: file systems reserve some of the space that they report as free. */
async function fillUp(): Promise<void> {
  const { bavail, bsize } = await statfs(etcdDisk)
  let length = bavail * bsize
  let offset = 0
  while (length >= bsize) {
    const allocated = await tryCommand('fallocate', [`--offset=${offset}`, `--length=${length}`, fill])
    if (allocated) offset += length
    else length = Math.floor(length / 2 / bsize) * bsize
  }
  await command('sync', ['--file-system', fill])
}

/** Returns etcd's log line about the full disk, written after byte `since`. */
async function fullDiskLine(since: number): Promise<string | undefined> {
  await using file = await open(log)
  const { size } = await file.stat()
  const { buffer } = await file.read(Buffer.alloc(Math.max(0, size - since)), 0, undefined, since)
  const line = buffer
    .toString()
    .split('\n')
    .find((one) => one.includes('no space left on device'))
  return line?.slice(0, 300)
}
