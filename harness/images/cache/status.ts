import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { connectEngine, engineArchitecture, findImage } from '../engine.ts'
import { goBuilds } from '../go-builds.ts'
import { hostGo } from '../build/go-toolchain.ts'
import { goBuildKey, machineReference, recipeHash } from '../recipe.ts'

export interface ImageStatus {
  /** Name of the image that this version of the harness needs. */
  readonly reference: string
  readonly present: boolean
  /** Bytes, when it is present. */
  readonly size: number | undefined
  readonly cache: string
  /** Number of Go builds in the cache; `builds` is the number of all. */
  readonly built: number
  readonly builds: number
  /** Output of the host's `go version`; undefined if it is missing or too old, or if the image is present. */
  readonly go: string | undefined
}

/** Returns the status of the machine image. Changes nothing and contacts no registry. @throws HoldfastError HF_NO_ENGINE, HF_ENGINE_ARCH */
export async function imageStatus(): Promise<ImageStatus> {
  const docker = await connectEngine()
  const architecture = await engineArchitecture(docker)
  const reference = machineReference(await recipeHash(architecture))
  const image = await findImage(docker, reference)
  const cache = cacheFolder()
  const keys = await Promise.all(
    goBuilds.map(async (build) => `${build.name}-${await goBuildKey(build, architecture)}`),
  )
  return {
    reference,
    present: image !== undefined,
    size: image?.Size,
    cache,
    built: keys.filter((key) => existsSync(join(cache, 'artifacts', key))).length,
    builds: goBuilds.length,
    go: image ? undefined : await hostGo(false),
  }
}
