import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { refuseUnwritable } from '../../host/checks/folders.ts'

/** Returns the folder for build results: `HOLDFAST_CACHE`, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['HOLDFAST_CACHE'] || envPaths('holdfast', { suffix: '' }).cache
}

/** Returns the cache folder for a build. @throws HoldfastError HF_FOLDER when it is not writable */
export function writableCacheFolder(): string {
  const folder = cacheFolder()
  refuseUnwritable(folder, 'Set HOLDFAST_CACHE to a writable folder for builds.')
  return folder
}

export interface Artifact {
  readonly path: string
  /** False when it already existed. */
  readonly made: boolean
}

/**
 * Returns a folder of the cache that is complete or absent: `produce` fills a temporary folder, which is then renamed. Removes
 * temporary folders of interrupted builds: the build lock ensures that no other process writes them.
 */
export async function artifact(
  cache: string,
  name: string,
  key: string,
  produce: (folder: string) => Promise<void>,
): Promise<Artifact> {
  const all = join(cache, 'artifacts')
  const path = join(all, `${name}-${key}`)
  if (await exists(path)) return { path, made: false }
  await mkdir(all, { recursive: true })
  for (const entry of await readdir(all)) {
    if (entry.startsWith(`${name}-`) && entry.endsWith('.part'))
      await rm(join(all, entry), { recursive: true, force: true })
  }
  const part = join(all, `${name}-${randomUUID()}.part`)
  await mkdir(part)
  try {
    await produce(part)
    await rename(part, path)
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw error
  }
  return { path, made: true }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
