import type Docker from 'dockerode'
import { writableCacheFolder } from '../cache/cache.ts'
import { connectEngine, engineArchitecture, findImage, reason } from '../engine.ts'
import type { Progress } from './progress.ts'
import { pullImage } from '../third-party/pull.ts'
import { machineReference, recipeHash } from '../recipe.ts'
import { reporter, type Report } from './steps.ts'

export interface ResolvedImage {
  /** The image's name for Docker. */
  readonly reference: string
  readonly origin: 'present' | 'pulled' | 'built'
  /** Milliseconds. */
  readonly took: number
}

export interface ResolveOptions {
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
  /** `HOLDFAST_REGISTRY`: prefix of a team's machine images, such as `registry.example.com/team`. No default. */
  readonly registry?: string | undefined
}

/**
 * Returns the machine image of this version of the harness: from the engine, else from the team's registry, else built. An aborted build
 * keeps its finished parts for the next one.
 * @throws HoldfastError HF_NO_ENGINE, HF_ENGINE_ARCH, HF_NO_GO, HF_NO_BASE, HF_MODULE_PROXY, HF_NO_NETWORK, HF_NO_TRUST, HF_DISK_FULL,
 * HF_FOLDER, HF_IMAGE_BUILD; the signal's reason
 */
export async function resolveImage(options: ResolveOptions = {}): Promise<ResolvedImage> {
  const began = performance.now()
  const { progress, signal, registry = process.env['HOLDFAST_REGISTRY'] } = options
  const report = reporter(progress)
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
  if (registry && (await pulled(docker, registry, reference, report, signal))) return resolved('pulled')

  // Loaded only for a build, because they load libraries for archives and certificates.
  const [{ buildMachineImage }, { lockBuilds }] = await Promise.all([import('./build.ts'), import('./build-lock.ts')])
  const cache = writableCacheFolder()
  await using lock = await lockBuilds(cache, () => report('phase', `waiting for another build in ${cache}`), signal)
  if (lock.waited && (await findImage(docker, reference))) return resolved('present')
  await buildMachineImage(hash, { docker, architecture, cache, signal }, report)
  return resolved('built')
}

async function pulled(
  docker: Docker,
  registry: string,
  reference: string,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const remote = `${registry.replace(/\/+$/, '')}/${reference}`
  report('phase', `pulling ${remote}`)
  try {
    await pullImage(docker, remote, (text) => report('detail', text), signal)
  } catch (error) {
    signal?.throwIfAborted()
    report('warn', `can't pull ${remote} (${reason(error)}); building it on this host`)
    return false
  }
  const colon = reference.lastIndexOf(':')
  await docker.getImage(remote).tag({ repo: reference.slice(0, colon), tag: reference.slice(colon + 1) })
  return true
}
export { exportImages, importImages, listImages, type ListedImage } from '../cache/transfer.ts'
