import { readFile } from 'node:fs/promises'
import { BuildContainer } from './build/build-container.ts'
import type { BuildContext } from './build/build-context.ts'
import { debootstrapTree, importTree } from './build/debootstrap.ts'
import { findImage, reason } from './engine.ts'
import { passedOn } from './build/go-compile.ts'
import { pullImage } from './third-party/pull.ts'
import { baseKey, machineFile } from './recipe.ts'
import { formatBuildError } from './build/build-error.ts'
import { baseRepository, debianImage, debianPackages } from './versions.ts'

export async function baseReference(context: Pick<BuildContext, 'architecture'>): Promise<string> {
  return `${baseRepository}:${await baseKey(context.architecture)}`
}

/**
 * Debian with the packages that every machine has, as an image of the engine: on Debian's own image where that can be had, else made
 * from Debian's packages by debootstrap. Either way apt installs the same list.
 */
export async function makeBase(context: BuildContext): Promise<void> {
  const reference = await baseReference(context)
  if (await findImage(context.docker, reference)) return
  const refused = await debianImageRefusal(context)
  if (refused === undefined) await onDebianImage(reference, context)
  else await importTree(await debootstrapTree(context, refused), reference, context)
}

/** Undefined when Debian's image is there, else why it can't be had. */
async function debianImageRefusal({ docker, detail, signal }: BuildContext): Promise<string | undefined> {
  if (await findImage(docker, debianImage)) return undefined
  try {
    await pullImage(docker, debianImage, detail, signal)
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    return reason(error)
  }
}

async function onDebianImage(reference: string, context: BuildContext): Promise<void> {
  const { docker, signal, detail } = context
  const tidy = await readFile(machineFile('tidy.sh'), 'utf8')
  const install = `apt-get -q -o APT::Update::Error-Mode=any -o Acquire::Languages=none update && apt-get -q install -y --no-install-recommends ${debianPackages.join(' ')}`
  await using container = await BuildContainer.create(
    docker,
    {
      Image: debianImage,
      Cmd: ['sh', '-c', `set -e\n${install}\n${tidy}`],
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'DEBIAN_FRONTEND=noninteractive',
        ...passedOn(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']),
      ],
      HostConfig: { NetworkMode: 'host' },
    },
    signal,
  )
  const done = await container.run(detail)
  if (done.exitCode !== 0)
    throw formatBuildError('Installing the machines’ Debian packages', done.tail, 'the Docker engine')
  await container.commit(reference, {})
}
