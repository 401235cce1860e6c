import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '../../common/errors.ts'
import { artifact, exists } from '../cache/cache.ts'
import type { BuildContext } from './build-context.ts'
import { followProgress } from '../third-party/pull.ts'
import { baseKey, machineFile } from '../recipe.ts'
import { runCommand } from '../../host/run-command.ts'
import { buildTrouble } from './trouble.ts'
import { debianImage, debianPackages, versions } from '../versions.ts'

const hostArchitectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * Creates a Debian tree as a tar file in the cache. `refused` is why Debian's image can't be pulled.
 * @throws HoldfastError HF_NO_BASE when debootstrap can't be used either
 */
export async function debootstrapTree(context: BuildContext, refused: string): Promise<string> {
  const key = await baseKey(context.architecture)
  const made = await artifact(context.cache, 'base', key, async (folder) => {
    await checkMeans(context, refused)
    context.detail(`can't pull ${debianImage} (${refused}); creating the base from Debian packages`)
    // The system's temporary folder may be too small, or forbid programs and devices.
    const work = join(context.cache, 'work')
    await mkdir(work, { recursive: true })
    const tree = await mkdtemp(join(work, 'debian-'))
    try {
      await debootstrap(tree, context)
      await tarTree(tree, join(folder, 'base.tar'), context)
    } finally {
      await rm(tree, { recursive: true, force: true, maxRetries: 3 })
    }
  })
  return join(made.path, 'base.tar')
}

async function checkMeans(context: BuildContext, refused: string): Promise<void> {
  const blocked = await obstacle(context)
  if (blocked === undefined) return
  throw new HoldfastError(
    'HF_NO_BASE',
    `Can't create the Debian base of the machines: ${debianImage} can't be pulled (${refused}), and ${blocked}.`,
    {
      hint: 'Give Docker access to a registry with the image, or run Holdfast once as root on Debian, or import a built image: holdfast images import <file>.',
    },
  )
}

async function obstacle({ architecture, detail, signal }: BuildContext): Promise<string | undefined> {
  if (process.platform !== 'linux' || hostArchitectures[process.arch] !== architecture)
    return `debootstrap needs a Linux host with the engine's architecture (${architecture})`
  if (process.getuid?.() !== 0) return 'debootstrap needs root'
  if (await exists('/usr/sbin/debootstrap')) return undefined
  if (!(await exists('/usr/bin/apt-get'))) return 'debootstrap is not installed'
  detail('installing debootstrap')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const options = { env, signal, onLine: detail }
  const install = ['install', '-y', '-q', '--no-install-recommends', 'debootstrap']
  let done = await runCommand('apt-get', install, options)
  if (done.exitCode !== 0) {
    await runCommand('apt-get', ['update', '-q'], options)
    done = await runCommand('apt-get', install, options)
  }
  return done.exitCode === 0
    ? undefined
    : `debootstrap can't be installed:\n${done.tail.split('\n').slice(-3).join('\n')}`
}

async function debootstrap(tree: string, { architecture, cache, detail, signal }: BuildContext): Promise<void> {
  // Without a mirror, debootstrap uses Debian's own.
  const mirror = process.env['HOLDFAST_DEBIAN_MIRROR']
  const wanted = ['--variant=minbase', `--arch=${architecture}`, `--include=${debianPackages.join(',')}`]
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  // debootstrap mounts /proc and /sys in the tree. With its own mount namespace they vanish when it ends, and the tree can be removed.
  const alone = ['--mount', '--propagation', 'private', '/usr/sbin/debootstrap']
  const done = await runCommand('unshare', [...alone, ...wanted, versions.debian, tree, ...(mirror ? [mirror] : [])], {
    signal,
    onLine: detail,
    env,
  })
  if (done.exitCode !== 0) throw buildTrouble('Creating the Debian base of the machines', done.tail, cache)
  const tidied = await runCommand('sh', [machineFile('tidy.sh'), tree], { signal })
  if (tidied.exitCode !== 0) throw buildTrouble('Reducing the Debian base of the machines', tidied.tail, cache)
}

async function tarTree(tree: string, file: string, { cache, signal }: BuildContext): Promise<void> {
  // The tar program keeps set-id bits, file capabilities and hard links, which packages may use.
  const excluded = ['dev', 'proc', 'sys'].map((folder) => `--exclude=./${folder}/*`)
  const args = ['--numeric-owner', '--xattrs', ...excluded, '-C', tree, '--force-local', '-cf', file, '.']
  const done = await runCommand('tar', args, { signal })
  if (done.exitCode !== 0) throw buildTrouble('Packing the Debian base of the machines', done.tail, cache)
}

/** Imports a tree's tar file as an image. */
export async function importTree(
  file: string,
  reference: string,
  { docker, detail, signal }: BuildContext,
): Promise<void> {
  const [repo, tag] = reference.split(':')
  const stream = await docker.importImage(createReadStream(file) as unknown as NodeJS.ReadableStream, {
    repo,
    tag,
    ...(signal && { abortSignal: signal }),
  })
  await followProgress(docker, stream, detail)
}
