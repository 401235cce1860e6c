import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { BuildContainer } from './build-container.ts'
import { digest } from './digest.ts'
import { findImage } from './engine.ts'
import { k3sMachineRepository } from './foreign.ts'
import type { ForeignImage } from './foreign-image.ts'
import type { Say } from './steps.ts'
import { tarOf } from './tar.ts'
import { buildTrouble } from './trouble.ts'
import { podImages } from './versions.ts'

const script = join(import.meta.dirname, 'k3s', 'harvest.sh')
const home = '/opt/holdfast'

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
  const harvest = await readFile(script)
  const components = Object.entries(apart)
  const ids = Object.fromEntries(components.map(([name, { id }]) => [`#${name}`, id]))
  const hash = digest({ 'harvest.sh': harvest, '#k3s': k3s.id, '#machine': machine, ...ids })
  const reference = `${k3sMachineRepository}:${hash}`
  if (await findImage(docker, reference)) return reference

  say('phase', `putting our supervisor and pod images beside ${k3s.reference}`)
  await using kitchen = await BuildContainer.create(
    docker,
    {
      Image: machine,
      Cmd: ['/bin/sh', '/harvest/harvest.sh', `/harvest${home}`, ...Object.values(podImages)],
      HostConfig: { NetworkMode: 'none', Tmpfs: { '/run': '' } },
    },
    signal,
  )
  const entries = [
    { path: 'harvest', kind: 'folder' },
    { path: 'harvest/harvest.sh', kind: 'text', content: harvest },
  ] as const
  await kitchen.put(tarOf(entries), '/')
  const done = await kitchen.run((line) => say('detail', line))
  if (done.exitCode !== 0) throw buildTrouble('Gathering what a k3s machine needs', done.tail, 'the Docker engine')

  await using finished = await BuildContainer.create(docker, { Image: k3s.reference }, signal)
  await finished.put(await kitchen.get('/harvest/opt'), '/')
  for (const [name, image] of components) {
    await using source = await BuildContainer.create(docker, { Image: image.reference, Cmd: ['/'] }, signal)
    await finished.put(await source.get(`/usr/local/bin/${name}`), `${home}/bin`)
  }
  await finished.commit(reference, { 'holdfast.k3s': k3s.reference })
  return reference
}
