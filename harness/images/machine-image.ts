import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { BuildContainer, mayUnpack } from './build/build-container.ts'
import type { BuildContext } from './build/build-context.ts'
import { baseReference } from './base.ts'
import { findImage } from './engine.ts'
import { goBuilds } from './go-builds.ts'
import { binaryOf, type Binaries } from './pod-images.ts'
import { machineFile, machineReference, runtimeWrapper } from './recipe.ts'
import { tarOf, type TarEntry } from './cache/tar.ts'
import { formatBuildError } from './build/build-error.ts'
import { podImages, versions } from './versions.ts'

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** What all machines share of the pod images: unpacked layers and blobs, which a machine's own containerd folder links to. */
const shared = '/opt/holdfast/store'
const containerd = '/var/lib/containerd'
const inPods = ['agnhost', 'coredns', 'pause']

export const unseededRepository = 'holdfast/unseeded'
const unseededReference = (hash: string): string => `${unseededRepository}:${hash}`

/** The machine's binaries on the base, in an image that the seeding runs on and that the finished one is made from. */
export async function makeUnseeded(
  hash: string,
  binaries: Binaries,
  node: string,
  context: BuildContext,
): Promise<void> {
  // An interrupted build may have left it; its name identifies its contents.
  if (await findImage(context.docker, unseededReference(hash))) return
  const image = await baseReference(context)
  await using container = await BuildContainer.create(
    context.docker,
    { Image: image, Env: [`PATH=${path}`], Cmd: ['/bin/bash'], WorkingDir: '/', Entrypoint: [] },
    context.signal,
  )
  await container.put(tarOf(await machineEntries(binaries, node)), '/')
  await container.commit(unseededReference(hash), {})
}

async function machineEntries(binaries: Binaries, node: string): Promise<TarEntry[]> {
  const files = goBuilds.flatMap((build) =>
    Object.keys(build.packages)
      .filter((name) => !inPods.includes(name))
      .map((name): TarEntry => {
        const folder = build.name === 'cni' ? 'opt/cni/bin' : 'usr/local/bin'
        return { path: `${folder}/${name}`, kind: 'file', from: binaryOf(binaries, name) }
      }),
  )
  const folders = [
    'opt/cni',
    'opt/cni/bin',
    'etc/cni',
    'etc/cni/net.d',
    'opt/holdfast',
    'var/lib/containerd',
    'var/lib/kubelet',
    'var/lib/etcd',
  ]
  return [
    ...folders.map((at): TarEntry => ({ path: at, kind: 'folder' })),
    ...files,
    { path: 'opt/holdfast/node', kind: 'file', from: node },
    {
      path: 'usr/local/sbin/runc-holdfast',
      kind: 'text',
      content: await readFile(runtimeWrapper),
      mode: 0o755,
    },
  ]
}

/** Imports and unpacks the pod images in a container, and keeps the result in the finished image. */
export async function makeSeeded(hash: string, archives: readonly string[], context: BuildContext): Promise<void> {
  const { docker, signal, detail } = context
  const image = unseededReference(hash)
  const names = Object.values(podImages)
  await using seeding = await BuildContainer.create(
    docker,
    {
      Image: image,
      Cmd: ['/bin/sh', '/seed/seed.sh', '/seed', shared, ...names],
      Volumes: { [containerd]: {} },
      HostConfig: mayUnpack,
    },
    signal,
  )
  await seeding.put(tarOf(seedEntries(archives, await readFile(machineFile('seed.sh'), 'utf8'))), '/')
  const done = await seeding.run(detail)
  if (done.exitCode !== 0) throw formatBuildError('Unpacking the pod images', done.tail, 'the Docker engine')
  await using finished = await BuildContainer.create(docker, { Image: image, Cmd: ['/bin/bash'] }, signal)
  await finished.put(await seeding.get(containerd), '/var/lib')
  await finished.put(await seeding.get(shared), '/opt/holdfast')
  await finished.commit(machineReference(hash), labelsOf(hash))
}

function seedEntries(archives: readonly string[], script: string): TarEntry[] {
  return [
    { path: 'seed', kind: 'folder' },
    { path: 'seed/seed.sh', kind: 'text', content: script },
    ...archives.map((from): TarEntry => ({ path: `seed/${basename(from)}`, kind: 'file', from })),
  ]
}

function labelsOf(hash: string): Record<string, string> {
  const entries = Object.entries(versions).map(([name, version]) => [`holdfast.version.${name}`, version])
  return { 'holdfast.recipe': hash, ...Object.fromEntries(entries) }
}
