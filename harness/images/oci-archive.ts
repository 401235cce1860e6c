import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { tarOf, type TarEntry } from './cache/tar.ts'

export interface ImageSpec {
  /** Its full name, for example `holdfast.local/pause:1.0.0`. */
  readonly reference: string
  readonly entries: readonly TarEntry[]
  readonly entrypoint: readonly string[]
  readonly command?: readonly string[]
  readonly env?: readonly string[]
  readonly ports?: readonly string[]
  readonly architecture: 'amd64' | 'arm64'
}

/** Writes an image of one layer as an OCI archive, made without any engine; returns the archive's path. */
export async function writeOciArchive(spec: ImageSpec, folder: string, file: string): Promise<string> {
  const layer = join(folder, `${file}.layer`)
  const plain = counter()
  const packed = counter()
  await pipeline(tarOf(spec.entries), plain.stream, createGzip({ level: 1 }), packed.stream, createWriteStream(layer))
  const config = json({
    architecture: spec.architecture,
    os: 'linux',
    config: {
      Entrypoint: spec.entrypoint,
      ...(spec.command && { Cmd: spec.command }),
      Env: spec.env ?? [],
      ...(spec.ports && { ExposedPorts: Object.fromEntries(spec.ports.map((port) => [port, {}])) }),
    },
    rootfs: { type: 'layers', diff_ids: [plain.digest()] },
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
    layers: [
      {
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: packed.digest(),
        size: (await stat(layer)).size,
      },
    ],
  })
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: sha256(manifest),
        size: manifest.length,
        platform: { architecture: spec.architecture, os: 'linux' },
        annotations: {
          'io.containerd.image.name': spec.reference,
          'org.opencontainers.image.ref.name': spec.reference.split(':').at(-1),
        },
      },
    ],
  })
  const path = join(folder, file)
  await pipeline(
    tarOf([
      { path: 'oci-layout', kind: 'text', content: json({ imageLayoutVersion: '1.0.0' }) },
      { path: 'index.json', kind: 'text', content: index },
      { path: blob(sha256(manifest)), kind: 'text', content: manifest },
      { path: blob(sha256(config)), kind: 'text', content: config },
      { path: blob(packed.digest()), kind: 'file', from: layer, mode: 0o644 },
    ]),
    createWriteStream(path),
  )
  return path
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const sha256 = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`
const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** Hashes what flows through it. */
function counter(): { stream: Transform; digest: () => string } {
  const hash = createHash('sha256')
  let result: string | undefined
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  return { stream, digest: () => (result ??= `sha256:${hash.digest('hex')}`) }
}
