import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digest, filesAsInputs, type Inputs } from './digest.ts'
import type { Architecture } from './engine.ts'
import type { GoBuild } from './go-builds.ts'
import { debianPackages, machineRepository, versions } from './versions.ts'

const here = import.meta.dirname

/** The sources that decide what is inside the image. The rest of this folder only decides how it gets there. */
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
/** The same runtime that the engine is given on a host that withholds the capability: a machine's runc has to do without it too. */
export const runtimeWrapper = join(here, '..', 'host', 'runc-holdfast.sh')

/** The key of one Go build: its module's files, what is built from them and how, and for what processor. How long it takes is no part of it. */
export async function goBuildKey(build: GoBuild, architecture: Architecture): Promise<string> {
  const { seconds: _, ...what } = build
  return digest({
    ...(await filesAsInputs(here, `go/${build.name}`)),
    '#build': JSON.stringify({ ...what, architecture }),
  })
}

/** The key of the base image. */
export async function baseKey(architecture: Architecture): Promise<string> {
  const what = JSON.stringify({ debian: versions.debian, debianPackages, architecture })
  return digest({ '#base': what, 'tidy.sh': await readFile(machineFile('tidy.sh')) })
}

/** The hash of everything that decides what the machine image contains. */
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

/** The name that the machine image has in the engine. */
export const machineReference = (hash: string): string => `${machineRepository}:${hash}`
