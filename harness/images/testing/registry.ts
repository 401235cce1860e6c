import { createReadStream } from 'node:fs'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'

interface Served {
  readonly blobs: ReadonlyMap<string, Buffer>
  /** The digest of the archive's one manifest. */
  readonly manifest: string
}

/** A registry on loopback that serves one OCI archive's image for any repository and tag. Engines need no TLS there. */
export interface LoopbackRegistry extends AsyncDisposable {
  /** Host and port, the prefix of repository names. */
  readonly address: string
  readonly digest: string
  /** Paths of all requests. */
  readonly requestPaths: readonly string[]
}

/** Implements pulling of the distribution specification: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull */
export async function loopbackRegistry(archive: string): Promise<LoopbackRegistry> {
  const served = await readArchive(archive)
  const requestPaths: string[] = []
  const server = createServer((request, response) => {
    requestPaths.push(request.url ?? '')
    answer(request, response, served)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    digest: served.manifest,
    requestPaths,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer({ url = '', method }: IncomingMessage, response: ServerResponse, { blobs, manifest }: Served): void {
  if (/^\/v2\/?$/.test(url)) return void response.end('{}')
  const [, kind, name = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? []
  const digest = name.startsWith('sha256:') ? name : manifest
  const found = kind && blobs.get(digest)
  if (!found) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}')
  response.writeHead(200, {
    'content-type': kind === 'manifests' ? 'application/vnd.oci.image.manifest.v1+json' : 'application/octet-stream',
    'content-length': found.length,
    'docker-content-digest': digest,
  })
  response.end(method === 'HEAD' ? undefined : found)
}

async function readArchive(file: string): Promise<Served> {
  const blobs = new Map<string, Buffer>()
  let manifest = ''
  const reader = extract()
  const read = pipeline(createReadStream(file), reader)
  for await (const entry of reader) {
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(part as Buffer)
    const content = Buffer.concat(parts)
    const [, digest] = /blobs\/sha256\/([0-9a-f]{64})$/.exec(entry.header.name) ?? []
    if (digest) blobs.set(`sha256:${digest}`, content)
    if (entry.header.name.endsWith('index.json'))
      manifest = (JSON.parse(content.toString()) as { manifests: { digest: string }[] }).manifests[0]?.digest ?? ''
  }
  await read
  return { blobs, manifest }
}
