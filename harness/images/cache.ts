import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { refuseUnwritable } from '../host/folders.ts'

/** Where builds keep what they made: `HOLDFAST_CACHE`, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['HOLDFAST_CACHE'] || envPaths('holdfast', { suffix: '' }).cache
}

/** The same, before something is built there. @throws HoldfastError HF_FOLDER when nothing can be written in it */
export function writableCacheFolder(): string {
  const folder = cacheFolder()
  refuseUnwritable(folder, 'Set HOLDFAST_CACHE, or HOME, so that builds have a folder that can be written.')
  return folder
}

export interface Artifact {
  readonly path: string
  /** False when it was there already. */
  readonly made: boolean
}

/**
 * A folder of the cache that is either complete or absent: `produce` fills a folder beside it, and the last step is a rename.
 * What an interrupted build left half made is removed by the next one (builds hold a lock, so nobody is still writing it).
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
