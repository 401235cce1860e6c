import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { writeOciArchive } from './oci-archive.ts'
import { tarOf, type TarEntry } from './cache/tar.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

async function read(archive: Readable): Promise<Map<string, { header: Header; content: Buffer }>> {
  const entries = new Map<string, { header: Header; content: Buffer }>()
  const reader = extract()
  reader.on('entry', (header, stream, next) => {
    void buffer(stream as unknown as Readable).then((content) => {
      entries.set(header.name, { header, content })
      next()
    })
  })
  await pipeline(archive, reader)
  return entries
}

const entries = async (): Promise<TarEntry[]> => {
  await writeFile(join(folder, 'program'), 'x'.repeat(100_000))
  return [
    { path: 'tmp', kind: 'folder', mode: 0o1777 },
    { path: 'etc/passwd', kind: 'text', content: 'root' },
    { path: 'program', kind: 'file', from: join(folder, 'program') },
    { path: 'bin/sh', kind: 'link', to: '/program' },
  ]
}

describe('tarOf', () => {
  it('keeps modes, links and contents', async () => {
    const found = await read(tarOf(await entries()))
    expect(found.get('tmp')?.header).toMatchObject({ type: 'directory', mode: 0o1777, uid: 0 })
    expect(found.get('bin/sh')?.header).toMatchObject({ type: 'symlink', linkname: '/program' })
    expect(found.get('program')?.header.mode).toBe(0o755)
    expect(found.get('program')?.content.length).toBe(100_000)
  })

  it('gives the same bytes for the same entries', async () => {
    const list = await entries()
    expect(await buffer(tarOf(list))).toEqual(await buffer(tarOf(list)))
  })

  it('fails for a missing file', async () => {
    const archive = tarOf([{ path: 'a', kind: 'file', from: join(folder, 'absent') }])
    await expect(buffer(archive)).rejects.toThrow(/ENOENT/)
  })
})

const descriptor = z.object({ digest: z.string(), size: z.number() })
const indexSchema = z.object({
  manifests: z.tuple([descriptor.extend({ annotations: z.record(z.string(), z.string()) })]),
})
const manifestSchema = z.object({ config: descriptor, layers: z.tuple([descriptor]) })
const configSchema = z.object({
  config: z.object({ Entrypoint: z.array(z.string()) }),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
})
const sha256 = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

describe('writeOciArchive', () => {
  it('links name, manifest, configuration and layer by correct digests', async () => {
    const spec = {
      reference: 'example.test/thing:1',
      entries: await entries(),
      entrypoint: ['/program'],
      architecture: 'amd64',
    } as const
    const found = await read(createReadStream(await writeOciArchive(spec, folder, 'thing.tar')))
    const blob = (wanted: { digest: string; size: number }): Buffer => {
      const content = found.get(`blobs/${wanted.digest.replace(':', '/')}`)?.content ?? Buffer.of()
      expect(sha256(content)).toBe(wanted.digest)
      expect(content.length).toBe(wanted.size)
      return content
    }
    const parse = (content: Buffer | undefined): unknown => JSON.parse(content?.toString() ?? '')
    const [named] = indexSchema.parse(parse(found.get('index.json')?.content)).manifests
    expect(named.annotations['io.containerd.image.name']).toBe('example.test/thing:1')
    const manifest = manifestSchema.parse(parse(blob(named)))
    const config = configSchema.parse(parse(blob(manifest.config)))
    expect(config.config.Entrypoint).toEqual(['/program'])
    const layer = gunzipSync(blob(manifest.layers[0]))
    expect(config.rootfs.diff_ids).toEqual([sha256(layer)])
    expect((await read(Readable.from(layer))).get('program')?.content.length).toBe(100_000)
  })
})
