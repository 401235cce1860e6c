import { lstatSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { eventually } from '../../common/eventually.ts'
import { exists, isAbsent } from '../ttl/absence.ts'
import { command, tryCommand } from '../processes/command.ts'
import { base64 } from '../../common/base64.ts'
import { http } from '../rpc/http.ts'
import { etcdRequest } from './etcd-client.ts'
import { end, start, state } from '../processes/supervisor.ts'

/*
 * Puts etcd's data on its own file system while a fault has to freeze or fill one: ext4 in a file, behind a loop device.
 * The member is stopped for the move. A file system prepared at boot would slow down every write of every cluster.
 *
 * The data folder becomes a link to a folder below /run, which is empty after a restart of the machine. Until the move is
 * reverted, etcd then does not start, instead of starting without acknowledged data.
 */

const data = '/var/lib/etcd/data'
const image = '/var/lib/etcd/holdfast-disk.img'
const copy = '/var/lib/etcd/holdfast-data'
const onDisk = '/run/holdfast/disk/data'

/** Where the file system is mounted. */
export const etcdDisk = '/run/holdfast/disk'

const startsWithinMs = 30_000

/** Leaves the member stopped: the fault changes the disk before the member starts. */
export async function moveToDisk(megabytes: number): Promise<void> {
  if (exists(image)) throw new Error("another fault has already moved etcd's data to its own disk")
  await end('etcd', 'SIGTERM', true)
  await command('truncate', [`--size=${megabytes}M`, image])
  await command('mke2fs', ['-q', '-t', 'ext4', '-m', '0', '-F', image])
  await mount()
  // Holes stay holes: etcd's preallocated space has no blocks yet, and writing it can fail as on any full disk.
  await command('cp', ['--archive', '--sparse=always', data, onDisk])
  await rm(data, { recursive: true })
  await symlink(onDisk, data)
}

/** Moves the data back, also after an interrupted move. Resolves to false when there is nothing to move back. */
export async function moveBack(): Promise<boolean> {
  if (!exists(image)) return false
  if ((await state('etcd')).pid !== 0) await end('etcd', 'SIGTERM', true)
  if (isLink(data)) {
    await mount()
    await Promise.all([copy, `${copy}.part`].map((path) => rm(path, { recursive: true, force: true })))
    // The copy ends with its agent; otherwise it would write into the copy of the agent that completes this.
    const copying = ['cp', '--archive', '--sparse=always', '--no-target-directory', onDisk, `${copy}.part`]
    await command('setpriv', ['--pdeathsig', 'KILL', ...copying])
    await rename(`${copy}.part`, copy)
    await unlink(data)
  }
  if (exists(copy) && !exists(data)) await rename(copy, data)
  if (await mounted()) await command('umount', [etcdDisk])
  if (exists(etcdDisk)) await rmdir(etcdDisk)
  await rm(image)
  await start('etcd')
  return true
}

/** Waits for a consistent read, which takes a leader and a majority. @throws when the member does not answer in time */
export async function waitUntilServing(): Promise<void> {
  const read = { key: base64('holdfast'), limit: '1' }
  await eventually(
    'the etcd member to serve',
    () => etcdRequest(http, '/v3/kv/range', read, { timeoutMs: 1_000 }).then(() => true),
    { timeoutMs: startsWithinMs },
  )
}

async function mounted(): Promise<boolean> {
  return (await readFile('/proc/mounts', 'utf8')).includes(` ${etcdDisk} `)
}

/** The device disappears when the file system is unmounted, also at the end of the machine. */
async function mount(): Promise<void> {
  if (await mounted()) return
  await mkdir(etcdDisk, { recursive: true })
  // A machine has only the device files from its creation: the file of a newer device has to be made.
  const device = (await command('losetup', ['--find'])).trim()
  const number = /\d+$/.exec(device)?.[0] ?? ''
  if (!exists(device)) await tryCommand('mknod', ['-m', '660', device, 'b', '7', number])
  await command('mount', ['-o', 'loop', image, etcdDisk])
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}
