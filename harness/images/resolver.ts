import type Docker from 'dockerode'
import { writableCacheFolder } from './cache.ts'
import { connectEngine, engineArchitecture, findImage, reason } from './engine.ts'
import type { Progress } from './progress.ts'
import { pullImage } from './pull.ts'
import { machineReference, recipeHash } from './recipe.ts'
import { reporter, type Say } from './steps.ts'

export interface ResolvedImage {
  /** What to give Docker as the image's name. */
  readonly reference: string
  readonly origin: 'present' | 'pulled' | 'built'
  /** Milliseconds. */
  readonly took: number
}

export interface ResolveOptions {
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
  /** `HOLDFAST_REGISTRY`: the prefix under which a team keeps its machine images, such as `registry.example.com/team`. There is no default. */
  readonly registry?: string | undefined
}

/**
 * The machine image of this version of the harness: the engine's own, else pulled from the team's registry if one is named, else built.
 * Errors: HF_NO_ENGINE, HF_ENGINE_ARCH, HF_NO_GO, HF_NO_BASE, HF_MODULE_PROXY, HF_NO_NETWORK, HF_NO_TRUST, HF_DISK_FULL, HF_FOLDER, HF_IMAGE_BUILD; the signal's
 * reason when it is aborted. What was finished by then is kept and used the next time.
 */
export async function resolveImage(options: ResolveOptions = {}): Promise<ResolvedImage> {
  const began = performance.now()
  const { progress, signal, registry = process.env['HOLDFAST_REGISTRY'] } = options
  const say = reporter(progress)
  const docker = await connectEngine()
  const architecture = await engineArchitecture(docker)
  const hash = await recipeHash(architecture)
  const reference = machineReference(hash)
  const resolved = (origin: ResolvedImage['origin']): ResolvedImage => ({
    reference,
    origin,
    took: Math.round(performance.now() - began),
  })

  if (await findImage(docker, reference)) return resolved('present')
  if (registry && (await pulled(docker, registry, reference, say, signal))) return resolved('pulled')

  // Loaded only now: most runs find the image, and these bring the libraries for archives and certificates.
  const [{ buildMachineImage }, { lockBuilds }] = await Promise.all([import('./build.ts'), import('./build-lock.ts')])
  const cache = writableCacheFolder()
  await using lock = await lockBuilds(
    cache,
    () => say('phase', `another build is at work in ${cache}; waiting for it`),
    signal,
  )
  if (lock.waited && (await findImage(docker, reference))) return resolved('present')
  await buildMachineImage(hash, { docker, architecture, cache, signal }, say)
  return resolved('built')
}

async function pulled(
  docker: Docker,
  registry: string,
  reference: string,
  say: Say,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const remote = `${registry.replace(/\/+$/, '')}/${reference}`
  say('phase', `pulling ${remote}`)
  try {
    await pullImage(docker, remote, (text) => say('detail', text), signal)
  } catch (error) {
    signal?.throwIfAborted()
    say('warn', `${remote} can't be pulled (${reason(error)}); building it here`)
    return false
  }
  const colon = reference.lastIndexOf(':')
  await docker.getImage(remote).tag({ repo: reference.slice(0, colon), tag: reference.slice(colon + 1) })
  return true
}
export { exportImages, importImages, listImages, type ListedImage } from './transfer.ts'
