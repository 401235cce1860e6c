import { mkdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { baseReference, makeBase } from '../base.ts'
import { removeBuildLeftovers } from './build-container.ts'
import type { BuildContext } from './build-context.ts'
import { artifact, exists } from '../cache/cache.ts'
import { findImage } from '../engine.ts'
import { goBuilds, type GoBuild } from '../go-builds.ts'
import { compile, goVolume } from './go-compile.ts'
import { findToolchain, type Toolchain } from './go-toolchain.ts'
import { makeSeeded, makeUnseeded, unseededRepository } from '../machine-image.ts'
import { nodeBinary } from '../node-binary.ts'
import { writePodImages } from '../pod-images.ts'
import { goBuildKey } from '../recipe.ts'
import { runSteps, type Report, type Step } from './steps.ts'
import { diskFull, diskTooSmall } from './build-error.ts'

type Base = Omit<BuildContext, 'detail' | 'warn'>

/** Builds the machine image. The caller holds the build lock. Reuses results of an interrupted build. */
export async function buildMachineImage(hash: string, base: Base, report: Report): Promise<void> {
  await removeBuildLeftovers(base.docker)
  await rm(join(base.cache, 'work'), { recursive: true, force: true })
  const missing = await missingBuilds(base)
  await checkDisk(base.cache, missing.length > 0, (text) => report('warn', text))
  const tool =
    missing.length > 0 ? await findToolchain(base.docker, (text) => report('detail', text), base.signal) : undefined
  if (tool) report('detail', tool.kind === 'host' ? `compiling with ${tool.version}` : `compiling in ${tool.image}`)
  const work = join(base.cache, 'work', 'image')
  try {
    await runSteps(await planSteps(hash, base, missing, tool, work), base, report)
  } catch (error) {
    throw base.signal?.aborted ? error : explained(error, base.cache)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  await removeScaffold(base.docker)
}

/** Removes intermediate images and Go's volume: the finished image contains their layers, and the cache the binaries. */
async function removeScaffold(docker: Docker): Promise<void> {
  const images = await docker.listImages({ filters: { reference: [unseededRepository] } })
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? [])
  for (const name of names) await ignored(docker.getImage(name).remove())
  await ignored(docker.getVolume(goVolume).remove())
}

const ignored = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined)

async function missingBuilds(base: Base): Promise<GoBuild[]> {
  const missing: GoBuild[] = []
  for (const build of goBuilds) if (!(await exists(await buildPath(build, base)))) missing.push(build)
  return missing
}

async function buildPath(build: GoBuild, base: Base): Promise<string> {
  return join(base.cache, 'artifacts', `${build.name}-${await goBuildKey(build, base.architecture)}`)
}

async function planSteps(
  hash: string,
  base: Base,
  missing: GoBuild[],
  tool: Toolchain | undefined,
  work: string,
): Promise<Step[]> {
  const steps: Step[] = []
  if (!(await findImage(base.docker, await baseReference(base))))
    steps.push({ id: 'base', title: 'creating the Debian base', seconds: 60, run: makeBase })
  for (const build of missing) {
    if (!tool) break
    steps.push({
      id: `go-${build.name}`,
      title: `building ${build.name} ${build.version} (${Object.keys(build.packages).join(', ')})`,
      seconds: build.seconds,
      run: async (context) => {
        const key = await goBuildKey(build, base.architecture)
        await artifact(base.cache, build.name, key, (folder) => compile(build, folder, tool, context))
      },
    })
  }
  const binaries = await binaryPaths(base)
  let archives: string[] = []
  steps.push(
    {
      id: 'pod-images',
      title: 'packing the pod images',
      seconds: 8,
      run: async (context) => {
        await mkdir(work, { recursive: true })
        archives = await writePodImages(binaries, work, context)
      },
    },
    {
      id: 'machine',
      title: 'assembling the machine image',
      seconds: 15,
      run: async (context) => makeUnseeded(hash, binaries, await nodeBinary(context), context),
    },
    {
      id: 'seed',
      title: 'unpacking the pod images in the machine image',
      seconds: 10,
      run: (context) => makeSeeded(hash, archives, context),
    },
  )
  return steps
}

async function binaryPaths(base: Base): Promise<Record<string, string>> {
  const paths: Record<string, string> = {}
  for (const build of goBuilds) {
    const folder = await buildPath(build, base)
    for (const name of Object.keys(build.packages)) paths[name] = join(folder, name)
  }
  return paths
}

/** A full build uses about 10 GB, mostly in Go's caches, which may be elsewhere or already filled. */
async function checkDisk(cache: string, compiling: boolean, warn: (text: string) => void): Promise<void> {
  const { bavail, bsize } = await statfs(cache)
  const free = bavail * bsize
  if (free < (compiling ? 4e9 : 2e9)) throw diskTooSmall(cache, compiling ? 10e9 : 2e9, free)
  if (compiling && free < 10e9)
    warn(`only ${(free / 1e9).toFixed(1)} GB are free in ${cache}; a first build needs about 10 GB`)
}

/** Converts "no space" errors of the engine and of files to HF_DISK_FULL. */
function explained(error: unknown, cache: string): unknown {
  const text = error instanceof Error ? error.message : ''
  return /no space left on device|ENOSPC/i.test(text) ? diskFull('The build', cache, error) : error
}
