import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { z } from 'zod'
import { HoldfastError } from '../../common/errors.ts'
import { foreignReferences } from './foreign.ts'
import { machineRepository } from '../versions.ts'

const manifestSchema = z.array(z.object({ RepoTags: z.array(z.string()).nullable() })).min(1)
const largestManifest = 1_000_000

/**
 * Returns the names of the images in a `docker save` archive. All must be machine images, or third-party images that the harness uses.
 * @throws HoldfastError HF_NOT_OUR_ARCHIVE
 */
export async function peekArchive(file: string): Promise<string[]> {
  const text = await readEntry(file, 'manifest.json').catch((cause: unknown) => {
    throw refused(file, 'it is not a tar archive, or it is truncated', cause)
  })
  if (text === undefined) throw refused(file, 'it is not an archive of Docker images')
  const manifest = manifestSchema.safeParse(parsed(text))
  if (!manifest.success) throw refused(file, 'its list of images is invalid')
  const names = manifest.data.flatMap(({ RepoTags }) => RepoTags ?? ['an image without a name'])
  const foreign = names.filter(
    (name) => !name.startsWith(`${machineRepository}:`) && !foreignReferences().includes(name),
  )
  if (foreign.length > 0) throw refused(file, `it contains ${foreign.join(', ')}`)
  return names
}

/** Reads the whole archive, so that a truncated one is detected before the engine loads it. */
async function readEntry(file: string, name: string): Promise<string | undefined> {
  const reader = extract()
  let found: string | undefined
  let entries = 0
  reader.on('entry', (header, stream, next) => {
    entries += 1
    const parts: Buffer[] = []
    const wanted = header.name === name && (header.size ?? 0) <= largestManifest
    if (wanted) stream.on('data', (part) => parts.push(part as Buffer))
    // The reader reports the error too; without this listener it would end the process.
    stream.on('error', () => undefined)
    stream.on('end', () => {
      if (wanted) found = Buffer.concat(parts).toString('utf8')
      next()
    })
    stream.resume()
  })
  await pipeline(createReadStream(file), reader)
  if (entries === 0) throw new Error('the archive is empty')
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(file: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_NOT_OUR_ARCHIVE', `${file} is not an archive of images that Holdfast uses: ${why}.`, {
    hint: `Give a file from \`holdfast images export\`, or from \`docker save\` of ${foreignReferences().join(', ')}.`,
    exitCode: 64,
    cause,
  })
}
