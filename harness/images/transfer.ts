import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { HoldfastError } from '../errors.ts'
import { refuseUnwritable, whyNotWritable } from '../host/folders.ts'
import { peekArchive } from './archive-peek.ts'
import { connectEngine, engineArchitecture, findImage, reason } from './engine.ts'
import { foreignReferences } from './foreign.ts'
import { followProgress } from './pull.ts'
import { machineReference, recipeHash } from './recipe.ts'
import { diskFull } from './trouble.ts'
import { machineRepository } from './versions.ts'

export interface ListedImage {
  readonly reference: string
  /** Bytes, as the engine counts them. */
  readonly size: number
  /** ISO 8601. */
  readonly created: string
  /** `current`: what this version of the harness uses; `old`: what another one left. */
  readonly use: 'current' | 'old'
}

/** The machine images that the engine has, the newest first. */
export async function listImages(): Promise<ListedImage[]> {
  const docker = await connectEngine()
  const current = machineReference(await recipeHash(await engineArchitecture(docker)))
  const images = await docker.listImages({ filters: { reference: [machineRepository] } })
  return images
    .sort((one, other) => other.Created - one.Created)
    .flatMap((image) =>
      (image.RepoTags ?? []).map((reference): ListedImage => ({
        reference,
        size: image.Size,
        created: new Date(image.Created * 1000).toISOString(),
        use: reference === current ? 'current' : 'old',
      })),
    )
}

/** Writes the current machine image to a file, as `docker save` does. Errors: HF_NO_IMAGE when it is not there yet, HF_FOLDER, HF_DISK_FULL. */
export async function exportImages(file: string, signal?: AbortSignal): Promise<void> {
  refuseTarget(file)
  const docker = await connectEngine()
  const reference = machineReference(await recipeHash(await engineArchitecture(docker)))
  if (!(await findImage(docker, reference)))
    throw new HoldfastError('HF_NO_IMAGE', `The image ${reference} can't be exported: the engine does not have it.`, {
      hint: 'Build it first: holdfast images build.',
    })
  const part = `${file}.part`
  try {
    await pipeline(await docker.getImage(reference).get(), createWriteStream(part), signal ? { signal } : {})
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw /ENOSPC/.test(reason(error)) ? diskFull('The export', file, error) : error
  }
}

/** @throws HoldfastError HF_FOLDER */
function refuseTarget(file: string): void {
  const hint = 'Give a file path in an existing, writable folder.'
  const refused = (why: string): HoldfastError => new HoldfastError('HF_FOLDER', why, { hint, exitCode: 64 })
  if (!existsSync(dirname(file)) && whyNotWritable(dirname(file)) === undefined)
    throw refused(`There is no folder ${dirname(file)}.`)
  refuseUnwritable(dirname(file), hint)
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw refused(`${file} is a folder.`)
}

/**
 * Loads a machine image that `exportImages` wrote, on this machine or another, or images of others that the harness uses; returns their
 * names. Nothing is loaded from a file that holds anything else. Errors: HF_NOT_OUR_ARCHIVE; HF_OTHER_IMAGE when it is ours, but of another version of the harness or another processor.
 */
export async function importImages(file: string): Promise<string[]> {
  if (!(await stat(file).catch(() => undefined))?.isFile())
    throw new HoldfastError('HF_NOT_OUR_ARCHIVE', `There is no file ${file}.`, {
      hint: 'Give a file of `holdfast images export`.',
      exitCode: 64,
    })
  const references = await peekArchive(file)
  const docker = await connectEngine()
  const current = machineReference(await recipeHash(await engineArchitecture(docker)))
  const ours = references.filter((name) => !foreignReferences().includes(name))
  if (ours.length > 0 && !references.includes(current))
    throw new HoldfastError(
      'HF_OTHER_IMAGE',
      `${file} contains ${ours.join(', ')}; this version of Holdfast on this engine expects ${current}.`,
      {
        hint: 'Export it with the same Holdfast version from an engine of the same architecture, or build it here: holdfast images build.',
      },
    )
  await followProgress(
    docker,
    await docker.loadImage(createReadStream(file) as unknown as NodeJS.ReadableStream),
    () => undefined,
  )
  return references
}
