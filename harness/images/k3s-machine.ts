import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { BuildContainer, mayUnpack } from './build/build-container.ts'
import { digest } from './cache/digest.ts'
import { findImage } from './engine.ts'
import { k3sMachineRepository } from './third-party/foreign.ts'
import type { ForeignImage } from './third-party/foreign-image.ts'
import { machineFile } from './recipe.ts'
import type { Report } from './build/steps.ts'
import { tarOf } from './cache/tar.ts'
import { formatBuildError } from './build/build-error.ts'
import { podImages } from './versions.ts'

const harvestFile = join(import.meta.dirname, 'k3s', 'harvest.sh')
const podNames = Object.values(podImages)
const home = '/opt/holdfast'
/** Folder of the unpacked pod images, and folder of the files that all machines share: see machine/seed.sh. */
const store = '/var/lib/containerd'
const shared = `${home}/store`

interface Ingredients {
  readonly k3s: ForeignImage
  /** The reference of the machine image. */
  readonly machine: string
  /** Standalone components, each from its project's image. */
  readonly standalone: Readonly<Record<string, ForeignImage>>
}

/**
 * Returns the image for k3s machines and creates it if it is missing: the official image, unchanged, with supervisor, pod images and
 * standalone components under /opt/holdfast.
 * @throws HoldfastError HF_IMAGE_BUILD, HF_DISK_FULL; the signal's reason
 */
export async function k3sMachineImage(
  docker: Docker,
  ingredients: Ingredients,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const { k3s, machine, standalone } = ingredients
  const [harvest, seed] = await Promise.all([readFile(harvestFile), readFile(machineFile('seed.sh'))])
  const components = Object.entries(standalone)
  const ids = Object.fromEntries(components.map(([name, { id }]) => [`#${name}`, id]))
  const scripts = { 'harvest.sh': harvest, 'seed.sh': seed, '#seed': seedWithOurTools }
  const hash = digest({ ...scripts, '#k3s': k3s.id, '#machine': machine, ...ids })
  const reference = `${k3sMachineRepository}:${hash}`
  if (await findImage(docker, reference)) return reference

  report('phase', `adding supervisor and pod images to ${k3s.reference}`)
  const detail = (line: string): void => report('detail', line)
  await using kitchen = await gathered(docker, machine, { harvest, seed }, detail, signal)
  await using seeding = await unpacked(docker, k3s, kitchen, detail, signal)
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

/** Collects files from the machine image: additions to the official image in /harvest/opt, pod images in /harvest/seed. */
async function gathered(
  docker: Docker,
  machine: string,
  scripts: { readonly harvest: Buffer; readonly seed: Buffer },
  detail: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<BuildContainer> {
  const kitchen = await BuildContainer.create(
    docker,
    {
      Image: machine,
      Cmd: ['/bin/sh', '/harvest/harvest.sh', `/harvest${home}`, '/harvest/seed', ...podNames],
      HostConfig: { NetworkMode: 'none', Tmpfs: { '/run': '' } },
    },
    signal,
  )
  return whole(kitchen, 'Collecting the files of a k3s machine', async () => {
    const entries = [
      { path: 'harvest', kind: 'folder' },
      { path: 'harvest/harvest.sh', kind: 'text', content: scripts.harvest },
      { path: 'harvest/seed', kind: 'folder' },
      { path: 'harvest/seed/seed.sh', kind: 'text', content: scripts.seed },
    ] as const
    await kitchen.put(tarOf(entries), '/')
    return kitchen.run(detail)
  })
}

/** Unpacks the pod images with k3s' own containerd, so that its database has entries that it wrote itself. */
async function unpacked(
  docker: Docker,
  k3s: ForeignImage,
  kitchen: BuildContainer,
  detail: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<BuildContainer> {
  const seeding = await BuildContainer.create(
    docker,
    {
      Image: k3s.id,
      Entrypoint: [`${home}/bin/busybox`, 'sh', '-c', seedWithOurTools],
      Cmd: ['seed', '/seed', shared, ...podNames],
      // k3s' ctr has another default address.
      Env: ['CONTAINERD_ADDRESS=/run/containerd/containerd.sock'],
      Volumes: { [store]: {} },
      HostConfig: mayUnpack,
    },
    signal,
  )
  return whole(seeding, 'Unpacking the pod images', async () => {
    await seeding.put(await kitchen.get('/harvest/opt'), '/')
    await seeding.put(await kitchen.get('/harvest/seed'), '/')
    return seeding.run(detail)
  })
}

const seedWithOurTools = `set -e
${home}/bin/busybox mkdir /tools
${home}/bin/busybox --install -s /tools
PATH=$PATH:/tools exec ${home}/bin/busybox sh /seed/seed.sh "$@"`

/** Runs `work` in a container and returns the container; removes it if `work` fails. */
async function whole(
  container: BuildContainer,
  what: string,
  work: () => Promise<{ exitCode: number; tail: string }>,
): Promise<BuildContainer> {
  try {
    const { exitCode, tail } = await work()
    if (exitCode !== 0) throw formatBuildError(what, tail, 'the Docker engine')
    return container
  } catch (error) {
    await container[Symbol.asyncDispose]()
    throw error
  }
}
