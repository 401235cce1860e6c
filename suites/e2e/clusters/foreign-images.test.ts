import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { connectEngine, engineArchitecture, findImage } from '../../../harness/images/engine.ts'
import { foreignImage } from '../../../harness/images/third-party/foreign-image.ts'
import { writeOciArchive } from '../../../harness/images/oci-archive.ts'
import { type LoopbackRegistry, loopbackRegistry } from '../../../harness/images/testing/registry.ts'
import { importImages } from '../../../harness/images/cache/transfer.ts'

/* Third-party images, pulled by a real engine from a registry on loopback that serves a small test image under every name. */

const report = (): void => undefined
/** No such registry exists: only a mirror can serve this image. */
const reference = 'registry.invalid/others/thing:v1'

let folder: string
let docker: Docker
let registry: LoopbackRegistry
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-images-'))
  docker = await connectEngine()
  const architecture = await engineArchitecture(docker)
  const entries = [{ path: 'file', kind: 'text', content: 'content' }] as const
  registry = await loopbackRegistry(
    await writeOciArchive({ reference, entries, entrypoint: ['/file'], architecture }, folder, 'thing.tar'),
  )
})
afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  // An image that was pulled by digest has no tag.
  for (const { Id, RepoTags, RepoDigests } of await docker.listImages())
    if ([...(RepoTags ?? []), ...(RepoDigests ?? [])].some((name) => name.includes('/others/thing')))
      await docker.getImage(Id).remove({ force: true })
})

test('pulls an absent image once and returns its digest from the registry', async () => {
  const own = `${registry.address}/others/thing:v1`
  const pulled = await foreignImage(docker, own, { report })
  expect(pulled).toMatchObject({ reference: own, origin: 'pulled', digest: registry.digest })
  const requests = registry.requestPaths.length
  expect(await foreignImage(docker, own, { report })).toEqual({ ...pulled, origin: 'present' })
  expect(registry.requestPaths.length).toBe(requests)
})

test('pulls from a mirror and tags the image with its original name', async () => {
  const mirror = registry.address
  expect(await foreignImage(docker, reference, { report })).toMatchObject({
    absent: expect.stringContaining(`image ${reference} is neither present nor pullable`),
  })
  expect(await foreignImage(docker, reference, { report, mirror })).toMatchObject({ reference, origin: 'pulled' })
  expect(await findImage(docker, reference)).toBeDefined()
  expect(await foreignImage(docker, reference, { report })).toMatchObject({
    origin: 'present',
    digest: registry.digest,
  })
})

test('refuses an image with another digest than the pinned one, local or in the registry', async () => {
  const own = `${registry.address}/others/thing:v1`
  const other = `${own}@sha256:${'0'.repeat(64)}`
  expect(await foreignImage(docker, other, { report })).toMatchObject({
    absent: expect.stringContaining(`image ${other} is neither present nor pullable`),
  })
  expect(await foreignImage(docker, `${own}@${registry.digest}`, { report })).toMatchObject({ digest: registry.digest })
  await foreignImage(docker, own, { report })
  expect(await foreignImage(docker, other, { report })).toMatchObject({
    absent: expect.stringContaining(`${own} is present with ${registry.digest}, which is not the pinned digest`),
  })
})

test('pulls a pinned digest from a mirror', async () => {
  const pinned = `registry.invalid/others/thing@${registry.digest}`
  const pulled = await foreignImage(docker, pinned, { report, mirror: registry.address })
  expect(pulled).toMatchObject({ reference: pinned, origin: 'pulled', digest: registry.digest })
  expect(await foreignImage(docker, pinned, { report, mirror: registry.address })).toMatchObject({ origin: 'present' })
})

test('imports a saved image and needs no registry', async () => {
  const own = `${registry.address}/others/thing:v2`
  vi.stubEnv('HOLDFAST_K3S_IMAGE', own)
  await foreignImage(docker, own, { report })
  const archive = join(folder, 'saved.tar')
  await pipeline(await docker.getImage(own).get(), createWriteStream(archive))
  await docker.getImage(own).remove()
  expect(await findImage(docker, own)).toBeUndefined()
  expect(await importImages(archive)).toEqual([own])
  const requests = registry.requestPaths.length
  expect(await foreignImage(docker, own, { report })).toMatchObject({ origin: 'present', digest: '' })
  expect(registry.requestPaths.length).toBe(requests)
})

test('treats a registry that never answers as absent', async () => {
  const silent = createServer((socket) => void socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const open = new Set<Socket>()
  silent.on('connection', (socket) => open.add(socket))
  try {
    const own = `127.0.0.1:${(silent.address() as AddressInfo).port}/others/thing:v1`
    expect(await foreignImage(docker, own, { report })).toMatchObject({
      absent: expect.stringContaining('its registry did not answer'),
    })
  } finally {
    for (const socket of open) socket.destroy()
    silent.close()
  }
})
