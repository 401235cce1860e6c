import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { agnhostImage } from './agnhost-image.ts'
import type { BuildContext } from './build/build-context.ts'
import { writeOciArchive, type ImageSpec } from './oci-archive.ts'
import { podImages } from './versions.ts'

/** Where a build's binaries are, by name. */
export type Binaries = Readonly<Record<string, string>>

/** Writes the archives of all pod images into a folder; returns their paths. */
export async function writePodImages(binaries: Binaries, folder: string, context: BuildContext): Promise<string[]> {
  const { architecture, detail } = context
  const work = join(folder, 'work')
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const specs: ImageSpec[] = [
    {
      reference: podImages.pause,
      architecture,
      entrypoint: ['/pause'],
      entries: [{ path: 'pause', kind: 'file', from: binaryOf(binaries, 'pause') }],
    },
    {
      reference: podImages.coredns,
      architecture,
      entrypoint: ['/coredns'],
      ports: ['53/tcp', '53/udp'],
      entries: [
        { path: 'tmp', kind: 'folder', mode: 0o1777 },
        { path: 'coredns', kind: 'file', from: binaryOf(binaries, 'coredns') },
      ],
    },
    await agnhostImage(binaryOf(binaries, 'agnhost'), work, context),
  ]
  const archives: string[] = []
  for (const spec of specs) {
    context.signal?.throwIfAborted()
    detail(`packing ${spec.reference}`)
    archives.push(await writeOciArchive(spec, folder, `${/([\w-]+):/.exec(spec.reference)?.[1]}.tar`))
  }
  await rm(work, { recursive: true, force: true })
  return archives
}

export function binaryOf(binaries: Binaries, name: string): string {
  const path = binaries[name]
  if (path === undefined) throw new Error(`no build makes ${name}`)
  return path
}
