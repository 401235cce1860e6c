import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { HoldfastError } from '../errors.ts'
import { artifact, exists } from './cache.ts'
import type { BuildContext } from './build-context.ts'
import { followProgress } from './pull.ts'
import { baseKey, machineFile } from './recipe.ts'
import { runCommand } from './run-command.ts'
import { buildTrouble } from './trouble.ts'
import { debianImage, debianPackages, versions } from './versions.ts'

const hostArchitectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** A Debian tree as a tar file in the cache. `refused` says why Debian's own image was not to be had. Error HF_NO_BASE when this way is closed too. */
export async function debootstrapTree(context: BuildContext, refused: string): Promise<string> {
  const key = await baseKey(context.architecture)
  const made = await artifact(context.cache, 'base', key, async (folder) => {
    await checkMeans(context, refused)
    context.detail(`${debianImage} can't be pulled (${refused}); making the base from Debian's packages`)
    // Not in the system's temporary folder, which may be too small or forbid programs and devices.
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
    `The Debian base image can't be made: ${debianImage} can't be pulled (${refused}), and ${blocked}.`,
    {
      hint: 'Give Docker a registry that has the image, run this once as root on Debian, or import an image that was built elsewhere: holdfast images import <file>.',
    },
  )
}

async function obstacle({ architecture, detail, signal }: BuildContext): Promise<string | undefined> {
  if (process.platform !== 'linux' || hostArchitectures[process.arch] !== architecture)
    return `debootstrap needs a Linux host of the engine's kind (${architecture})`
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
  // Without one debootstrap knows Debian's own.
  const mirror = process.env['HOLDFAST_DEBIAN_MIRROR']
  const wanted = ['--variant=minbase', `--arch=${architecture}`, `--include=${debianPackages.join(',')}`]
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  // It mounts /proc and /sys in the tree. In a mount namespace of its own they are gone with it, however it ends, and the tree can be removed.
  const alone = ['--mount', '--propagation', 'private', '/usr/sbin/debootstrap']
  const done = await runCommand('unshare', [...alone, ...wanted, versions.debian, tree, ...(mirror ? [mirror] : [])], {
    signal,
    onLine: detail,
    env,
  })
  if (done.exitCode !== 0) throw buildTrouble("Making the machines' Debian base", done.tail, cache)
  const tidied = await runCommand('sh', [machineFile('tidy.sh'), tree], { signal })
  if (tidied.exitCode !== 0) throw buildTrouble("Making the machines' Debian base smaller", tidied.tail, cache)
}

async function tarTree(tree: string, file: string, { cache, signal }: BuildContext): Promise<void> {
  // tar itself: it keeps what a package may have set and a writer of ours might not know (set-id bits, file capabilities, hard links).
  const args = [
    '--numeric-owner',
    '--xattrs',
    '--exclude=./dev/*',
    '--exclude=./proc/*',
    '--exclude=./sys/*',
    '-C',
    tree,
    '-cf',
    '-',
    '.',
  ]
  const child = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'], ...(signal && { signal }) })
  const ended = new Promise<number>((resolve, reject) =>
    child.once('error', reject).once('close', (code) => resolve(code ?? 128)),
  )
  const [code] = await Promise.all([ended, pipeline(child.stdout, createWriteStream(file))])
  if (code !== 0) throw buildTrouble("Packing the machines' Debian base", `tar ended with ${code}`, cache)
}

/** Makes a tree's tar file an image. */
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
