import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { z } from 'zod'
import { HoldfastError } from '../errors.ts'
import { foreignReferences } from './foreign.ts'
import { machineRepository } from './versions.ts'

const manifestSchema = z.array(z.object({ RepoTags: z.array(z.string()).nullable() })).min(1)
const largestManifest = 1_000_000

/**
 * The names of the images in a `docker save` archive, all of which must be machine images or ones of others that the harness uses. Error
 * HF_NOT_OUR_ARCHIVE says what it is instead.
 */
export async function peekArchive(file: string): Promise<string[]> {
  const text = await readEntry(file, 'manifest.json').catch((cause: unknown) => {
    throw refused(file, 'it is not a tar archive, or it is cut short', cause)
  })
  if (text === undefined) throw refused(file, 'it is no archive of Docker images')
  const manifest = manifestSchema.safeParse(parsed(text))
  if (!manifest.success) throw refused(file, 'its list of images can not be read')
  const names = manifest.data.flatMap(({ RepoTags }) => RepoTags ?? ['an image without a name'])
  const foreign = names.filter(
    (name) => !name.startsWith(`${machineRepository}:`) && !foreignReferences().includes(name),
  )
  if (foreign.length > 0) throw refused(file, `it holds ${foreign.join(', ')}`)
  return names
}

/** Reads the whole archive, so that one which is cut short is noticed before anything of it is loaded. */
async function readEntry(file: string, name: string): Promise<string | undefined> {
  const reader = extract()
  let found: string | undefined
  let entries = 0
  reader.on('entry', (header, stream, next) => {
    entries += 1
    const parts: Buffer[] = []
    const wanted = header.name === name && (header.size ?? 0) <= largestManifest
    if (wanted) stream.on('data', (part) => parts.push(part as Buffer))
    // Told by the reader too; without a listener here it would end the process.
    stream.on('error', () => undefined)
    stream.on('end', () => {
      if (wanted) found = Buffer.concat(parts).toString('utf8')
      next()
    })
    stream.resume()
  })
  await pipeline(createReadStream(file), reader)
  if (entries === 0) throw new Error('nothing in it')
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
  return new HoldfastError('HF_NOT_OUR_ARCHIVE', `${file} contains no image that Holdfast uses: ${why}.`, {
    hint: `Give a file of \`holdfast images export\`, or a \`docker save\` of ${foreignReferences().join(', ')}.`,
    exitCode: 64,
    cause,
  })
}
