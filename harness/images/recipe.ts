import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digest, filesAsInputs, type Inputs } from './cache/digest.ts'
import type { Architecture } from './engine.ts'
import type { GoBuild } from './go-builds.ts'
import { debianPackages, machineRepository, versions } from './versions.ts'

const here = import.meta.dirname

/** The sources that decide the content of the image. Other files of this folder decide only how it is built. */
const contentSources = [
  'versions.ts',
  'go-builds.ts',
  'base.ts',
  'pod-images.ts',
  'agnhost-image.ts',
  'machine-image.ts',
  'oci-archive.ts',
]

export const moduleFolder = (name: string): string => join(here, 'go', name)
export const machineFile = (name: string): string => join(here, 'machine', name)
/** The runtime wrapper of the engine on hosts that withhold CAP_SYS_RESOURCE: a machine's runc lacks the capability too. */
export const runtimeWrapper = join(here, '..', 'host', 'engine', 'runc-holdfast.sh')

/** Computes the key of a Go build from its module's files, its settings except the expected duration, and the architecture. */
export async function goBuildKey(build: GoBuild, architecture: Architecture): Promise<string> {
  const { seconds: _, ...what } = build
  return digest({
    ...(await filesAsInputs(here, `go/${build.name}`)),
    '#build': JSON.stringify({ ...what, architecture }),
  })
}

/** Computes the key of the base image. */
export async function baseKey(architecture: Architecture): Promise<string> {
  const what = JSON.stringify({ debian: versions.debian, debianPackages, architecture })
  return digest({ '#base': what, 'tidy.sh': await readFile(machineFile('tidy.sh')) })
}

/** Computes the hash of everything that decides the content of the machine image. */
export async function recipeHash(architecture: Architecture): Promise<string> {
  const sources = await Promise.all(
    contentSources.map(async (name) => [name, await readFile(join(here, name))] as const),
  )
  const inputs: Inputs = {
    ...(await filesAsInputs(here, 'go')),
    ...(await filesAsInputs(here, 'machine')),
    'runc-holdfast.sh': await readFile(runtimeWrapper),
    ...Object.fromEntries(sources),
    '#architecture': architecture,
  }
  return digest(inputs)
}

/** Returns the machine image's name in the engine. */
export const machineReference = (hash: string): string => `${machineRepository}:${hash}`
