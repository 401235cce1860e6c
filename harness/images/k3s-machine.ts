import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { BuildContainer } from './build-container.ts'
import { digest } from './digest.ts'
import { findImage } from './engine.ts'
import { k3sMachineRepository } from './foreign.ts'
import type { ForeignImage } from './foreign-image.ts'
import { machineFile } from './recipe.ts'
import type { Say } from './steps.ts'
import { tarOf } from './tar.ts'
import { buildTrouble } from './trouble.ts'
import { podImages } from './versions.ts'

const script = join(import.meta.dirname, 'k3s', 'harvest.sh')
const home = '/opt/holdfast'
/** Where the pod images are unpacked, and what all machines share of them: see machine/seed.sh. */
const store = '/var/lib/containerd'
const shared = `${home}/store`

interface Ingredients {
  readonly k3s: ForeignImage
  /** The reference of our machine image. */
  readonly machine: string
  /** Components that run beside k3s, each from its project's own image. */
  readonly apart: Readonly<Record<string, ForeignImage>>
}

/**
 * The image that k3s machines are started from, made where there is none yet: the official one, unchanged, with our supervisor, the pod
 * images and the components that run apart under /opt/holdfast. Errors: HF_IMAGE_BUILD, HF_DISK_FULL; the signal's reason.
 */
export async function k3sMachineImage(
  docker: Docker,
  { k3s, machine, apart }: Ingredients,
  say: Say,
  signal?: AbortSignal,
): Promise<string> {
  const [harvest, seed] = await Promise.all([readFile(script), readFile(machineFile('seed.sh'))])
  const components = Object.entries(apart)
  const ids = Object.fromEntries(components.map(([name, { id }]) => [`#${name}`, id]))
  const hash = digest({ 'harvest.sh': harvest, 'seed.sh': seed, '#k3s': k3s.id, '#machine': machine, ...ids })
  const reference = `${k3sMachineRepository}:${hash}`
  if (await findImage(docker, reference)) return reference

  say('phase', `putting our supervisor and pod images beside ${k3s.reference}`)
  const names = Object.values(podImages)
  await using kitchen = await BuildContainer.create(
    docker,
    {
      Image: machine,
      Cmd: ['/bin/sh', '/harvest/harvest.sh', `/harvest${home}`, '/harvest/seed', ...names],
      HostConfig: { NetworkMode: 'none', Tmpfs: { '/run': '' } },
    },
    signal,
  )
  const entries = [
    { path: 'harvest', kind: 'folder' },
    { path: 'harvest/harvest.sh', kind: 'text', content: harvest },
    { path: 'harvest/seed', kind: 'folder' },
    { path: 'harvest/seed/seed.sh', kind: 'text', content: seed },
  ] as const
  await kitchen.put(tarOf(entries), '/')
  const detail = (line: string): void => say('detail', line)
  const gathered = await kitchen.run(detail)
  if (gathered.exitCode !== 0)
    throw buildTrouble('Gathering what a k3s machine needs', gathered.tail, 'the Docker engine')

  await using seeding = await BuildContainer.create(
    docker,
    {
      Image: k3s.id,
      Entrypoint: [`${home}/bin/busybox`, 'sh', '-c', seedScript],
      Cmd: ['seed', '/seed', shared, ...names],
      // k3s' own ctr looks elsewhere by itself.
      Env: ['CONTAINERD_ADDRESS=/run/containerd/containerd.sock'],
      Volumes: { [store]: {} },
      HostConfig: {
        NetworkMode: 'none',
        // Unpacking mounts, and needs no more than that.
        CapAdd: ['SYS_ADMIN'],
        SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
        Tmpfs: { '/run': '' },
      },
    },
    signal,
  )
  await seeding.put(await kitchen.get('/harvest/opt'), '/')
  await seeding.put(await kitchen.get('/harvest/seed'), '/')
  const unpacked = await seeding.run(detail)
  if (unpacked.exitCode !== 0) throw buildTrouble('Unpacking the pod images', unpacked.tail, 'the Docker engine')

  await using finished = await BuildContainer.create(docker, { Image: k3s.id }, signal)
  await finished.put(await kitchen.get('/harvest/opt'), '/')
  await finished.put(await seeding.get(store), home)
  await finished.put(await seeding.get(shared), home)
  for (const [name, image] of components) {
    await using source = await BuildContainer.create(docker, { Image: image.id, Cmd: ['/'] }, signal)
    await finished.put(await source.get(`/usr/local/bin/${name}`), `${home}/bin`)
  }
  await finished.commit(reference, { 'holdfast.k3s': k3s.reference })
  return reference
}

/** By k3s' own containerd, which is to find in its database what it wrote there itself; the tools are ours. */
const seedScript = `set -e
${home}/bin/busybox mkdir /tools
${home}/bin/busybox --install -s /tools
PATH=$PATH:/tools exec ${home}/bin/busybox sh /seed/seed.sh "$@"`
