import { lstatSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { eventually } from '../../eventually.ts'
import { exists, isAbsent } from './absence.ts'
import { command, succeeds } from './command.ts'
import { etcdServes } from './etcd-client.ts'
import { end, start, state } from './supervisor.ts'

/*
 * etcd's data on a file system of its own, for as long as a fault needs one that it may freeze or fill: ext4 in a file,
 * behind a loop device. The member is stopped for the move. Preparing it at boot would cost every cluster a little of
 * its speed on every write.
 *
 * The data folder becomes a link to a folder below /run, which does not outlive a restart of the machine: etcd then finds
 * a link to nowhere and does not start, instead of starting without what it has acknowledged, until the move is undone.
 */

const data = '/var/lib/etcd/data'
const image = '/var/lib/etcd/holdfast-disk.img'
const copy = '/var/lib/etcd/holdfast-data'
const onDisk = '/run/holdfast/disk/data'

/** Where the file system is mounted. */
export const etcdDisk = '/run/holdfast/disk'

const startsWithinMs = 30_000

/** Leaves the member stopped: what becomes of the disk before it starts is the fault's. */
export async function moveToDisk(megabytes: number): Promise<void> {
  if (exists(image)) throw new Error("etcd's data lies on a disk of a fault's already")
  await end('etcd', 'SIGTERM', true)
  await command('truncate', [`--size=${megabytes}M`, image])
  await command('mke2fs', ['-q', '-t', 'ext4', '-m', '0', '-F', image])
  await mount()
  // Holes stay holes: what etcd has reserved ahead is not there yet, and writing it can fail as on any full disk.
  await command('cp', ['--archive', '--sparse=always', data, onDisk])
  await rm(data, { recursive: true })
  await symlink(onDisk, data)
}

/** Puts the data back, from wherever the move was left off. Answers false when there was nothing to put back. */
export async function moveBack(): Promise<boolean> {
  if (!exists(image)) return false
  if ((await state('etcd')).pid !== 0) await end('etcd', 'SIGTERM', true)
  if (isLink(data)) {
    await mount()
    await Promise.all([copy, `${copy}.part`].map((path) => rm(path, { recursive: true, force: true })))
    // It ends with its agent: it would write into the copy of the agent that finishes this.
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

/** @throws when the member does not answer in time: it may be without a majority */
export async function serving(): Promise<void> {
  await eventually('the etcd member to serve', etcdServes, { withinMs: startsWithinMs })
}

async function mounted(): Promise<boolean> {
  return (await readFile('/proc/mounts', 'utf8')).includes(` ${etcdDisk} `)
}

/** The device goes when the file system is unmounted, also by the end of the machine. */
async function mount(): Promise<void> {
  if (await mounted()) return
  await mkdir(etcdDisk, { recursive: true })
  // A machine sees the device files that were there when it was made: a newer device's has to be made by hand.
  const device = (await command('losetup', ['--find'])).trim()
  const number = /\d+$/.exec(device)?.[0] ?? ''
  if (!exists(device)) await succeeds('mknod', ['-m', '660', device, 'b', '7', number])
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
