import { mkdir, readFile, rmdir, statfs } from 'node:fs/promises'
import { command, succeeds } from '../command.ts'
import { agentAction } from './action.ts'

interface Params {
  /** The lease's own, for the mount's name: whose it is can be seen in the list of mounts. */
  readonly name: string
}

/** Where containerd unpacks images and makes the writable layer of each container. */
const layers = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots'

/**
 * The disk of images and of containers' writable layers is full: a file system without a free block or inode lies over
 * it. Containers that run keep what they have; nothing can be unpacked and no container made. Bitten: the kernel refuses
 * to make a folder there, for want of space.
 */
export const fillImageDisk = agentAction({
  name: 'fill-image-disk',
  do: async ({ name }: Params) => {
    // One inode is the root folder's own; one block is the least there can be, and is filled.
    await command('mount', ['-t', 'tmpfs', '-o', 'size=4k,nr_inodes=2,mode=700', name, layers])
    await command('sh', ['-c', 'cat /dev/zero > "$1/full" || true', 'fill', layers])
    const { bavail, ffree } = await statfs(layers)
    const refusal = await refusalOf(`${layers}/holdfast-try`)
    if (refusal !== 'ENOSPC') throw new Error(`a folder could be made in ${layers}, or was refused with ${refusal}`)
    return { path: layers, freeBlocks: bavail, freeInodes: ffree, refusal }
  },
  undo: async ({ name }) => {
    const unmounted = (await mounted(name)) && (await succeeds('umount', [layers]))
    if (await mounted(name)) throw new Error(`${layers} is still covered`)
    return { path: layers, unmounted }
  },
})

async function refusalOf(folder: string): Promise<string> {
  try {
    await mkdir(folder)
    await rmdir(folder)
    return 'nothing'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

async function mounted(name: string): Promise<boolean> {
  return (await readFile('/proc/mounts', 'utf8')).split('\n').some((line) => line.startsWith(`${name} ${layers} `))
}
