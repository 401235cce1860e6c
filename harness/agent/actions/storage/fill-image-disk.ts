import { mkdir, readFile, rmdir, statfs } from 'node:fs/promises'
import { command, tryCommand } from '../../processes/command.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Names the mount after its fault, so that the list of mounts shows to which fault it belongs. */
  readonly name: string
}

/** Where containerd unpacks images and creates each container's writable layer. */
const layers = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots'

/**
 * Fills the disk of images and writable layers: mounts a file system without a free block or inode over it. Running
 * containers keep their files; no image can be unpacked and no container created.
 * Effect confirmed when the kernel refuses to create a folder there with ENOSPC.
 */
export const fillImageDisk = agentAction({
  name: 'fill-image-disk',
  do: async ({ name }: Params) => {
    // The root folder uses the one inode; the one block, the least possible, is filled.
    await command('mount', ['-t', 'tmpfs', '-o', 'size=4k,nr_inodes=2,mode=700', name, layers])
    await command('sh', ['-c', 'cat /dev/zero > "$1/full" || true', 'fill', layers])
    const { bavail, ffree } = await statfs(layers)
    const refusal = await refusalOf(`${layers}/holdfast-try`)
    if (refusal !== 'ENOSPC') throw new Error(`creating a folder in ${layers}: expected ENOSPC, got ${refusal}`)
    return { path: layers, freeBlocks: bavail, freeInodes: ffree, refusal }
  },
  undo: async ({ name }) => {
    const unmounted = (await mounted(name)) && (await tryCommand('umount', [layers]))
    if (await mounted(name)) throw new Error(`${layers} is still mounted over`)
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
