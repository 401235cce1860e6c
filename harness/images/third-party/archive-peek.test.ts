import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { peekArchive } from './archive-peek.ts'
import { k3s } from './foreign.ts'
import { tarOf } from '../cache/tar.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

async function archive(manifest: string | undefined): Promise<string> {
  const file = join(folder, 'images.tar')
  const filler = { path: 'layer.tar', kind: 'text', content: Buffer.alloc(50_000) } as const
  const described = manifest === undefined ? [] : [{ path: 'manifest.json', kind: 'text', content: manifest } as const]
  await pipeline(tarOf([...described, filler]), createWriteStream(file))
  return file
}

const machineImage = JSON.stringify([{ Config: 'c.json', RepoTags: ['holdfast/machine:abc'], Layers: [] }])
const refusal = (why: RegExp): unknown =>
  expect.objectContaining({ code: 'HF_NOT_OUR_ARCHIVE', message: expect.stringMatching(why) })

describe('peekArchive', () => {
  it('returns the machine images in an archive', async () => {
    expect(await peekArchive(await archive(machineImage))).toEqual(['holdfast/machine:abc'])
  })

  it('returns third-party images that the harness uses', async () => {
    const text = JSON.stringify([{ RepoTags: [k3s.image] }, { RepoTags: [k3s.standalone['kube-scheduler']] }])
    expect(await peekArchive(await archive(text))).toEqual([k3s.image, k3s.standalone['kube-scheduler']])
  })

  it('refuses all other images', async () => {
    const mixed = JSON.stringify([{ RepoTags: ['holdfast/machine:abc', 'debian:latest', 'rancher/k3s:v0'] }])
    await expect(peekArchive(await archive(mixed))).rejects.toEqual(refusal(/contains debian:latest, rancher\/k3s:v0/))
    await expect(peekArchive(await archive('[{"RepoTags":null}]'))).rejects.toEqual(refusal(/without a name/))
  })

  it('refuses a tar archive without images, and an invalid list', async () => {
    await expect(peekArchive(await archive(undefined))).rejects.toEqual(refusal(/not an archive of Docker images/))
    await expect(peekArchive(await archive('{'))).rejects.toEqual(refusal(/list of images is invalid/))
  })

  it('refuses a file that is no archive, is empty, or is truncated', async () => {
    const text = join(folder, 'text')
    await writeFile(text, 'hello '.repeat(1000))
    await expect(peekArchive(text)).rejects.toEqual(refusal(/not a tar archive/))
    await writeFile(text, '')
    await expect(peekArchive(text)).rejects.toEqual(refusal(/not a tar archive/))
    const short = await archive(machineImage)
    await truncate(short, 20_000)
    await expect(peekArchive(short)).rejects.toEqual(refusal(/truncated/))
  })
})
