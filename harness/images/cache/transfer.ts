import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { HoldfastError } from '../../common/errors.ts'
import { refuseUnwritable, whyNotWritable } from '../../host/checks/folders.ts'
import { peekArchive } from '../third-party/archive-peek.ts'
import { connectEngine, engineArchitecture, findImage, reason } from '../engine.ts'
import { foreignReferences } from '../third-party/foreign.ts'
import { followProgress } from '../third-party/pull.ts'
import { machineReference, recipeHash } from '../recipe.ts'
import { diskFull } from '../build/build-error.ts'
import { machineRepository } from '../versions.ts'

export interface ListedImage {
  readonly reference: string
  /** Bytes, from the engine. */
  readonly size: number
  /** ISO 8601. */
  readonly created: string
  /** `current`: the image of this version of the harness; `old`: of another version. */
  readonly use: 'current' | 'old'
}

/** Lists the engine's machine images, the newest first. */
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

/** Writes the current machine image to a file, like `docker save`. @throws HoldfastError HF_NO_IMAGE when it is missing, HF_FOLDER, HF_DISK_FULL */
export async function exportImages(file: string, signal?: AbortSignal): Promise<void> {
  refuseTarget(file)
  const docker = await connectEngine()
  const reference = machineReference(await recipeHash(await engineArchitecture(docker)))
  if (!(await findImage(docker, reference)))
    throw new HoldfastError('HF_NO_IMAGE', `Can't export ${reference}: the engine does not have this image.`, {
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
  const hint = 'Give the path of a file in an existing, writable folder.'
  const refused = (why: string): HoldfastError => new HoldfastError('HF_FOLDER', why, { hint, exitCode: 64 })
  if (!existsSync(dirname(file)) && whyNotWritable(dirname(file)) === undefined)
    throw refused(`The folder ${dirname(file)} does not exist.`)
  refuseUnwritable(dirname(file), hint)
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw refused(`${file} is a folder.`)
}

/**
 * Loads a machine image from `exportImages`, or third-party images that the harness uses; returns their names. Loads nothing from a file
 * with other images.
 * @throws HoldfastError HF_NOT_OUR_ARCHIVE; HF_OTHER_IMAGE for a machine image of another version or architecture
 */
export async function importImages(file: string): Promise<string[]> {
  if (!(await stat(file).catch(() => undefined))?.isFile())
    throw new HoldfastError('HF_NOT_OUR_ARCHIVE', `The file ${file} does not exist.`, {
      hint: 'Give a file from `holdfast images export`.',
      exitCode: 64,
    })
  const references = await peekArchive(file)
  const docker = await connectEngine()
  const current = machineReference(await recipeHash(await engineArchitecture(docker)))
  const machineImages = references.filter((name) => !foreignReferences().includes(name))
  if (machineImages.length > 0 && !references.includes(current))
    throw new HoldfastError(
      'HF_OTHER_IMAGE',
      `${file} contains ${machineImages.join(', ')}: expected ${current} for this version of Holdfast and this engine.`,
      {
        hint: 'Export the image with the same version of Holdfast on an engine of the same architecture, or build it: holdfast images build.',
      },
    )
  await followProgress(
    docker,
    await docker.loadImage(createReadStream(file) as unknown as NodeJS.ReadableStream),
    () => undefined,
  )
  return references
}
