import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-fs'
import { baseReference } from './base.ts'
import { BuildContainer } from './build/build-container.ts'
import type { BuildContext } from './build/build-context.ts'
import { localhostCertificate } from './third-party/certificates.ts'
import type { ImageSpec } from './oci-archive.ts'
import type { TarEntry } from './cache/tar.ts'
import { podImages } from './versions.ts'

const passwd =
  'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\nuser-defined-in-image:x:1000:1000::/tmp:/bin/sh\n'
const group =
  'root:x:0:\nnobody:x:65534:\nuser-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n'

/** Upstream's test image as its tests expect it, with a shell and tools from one static busybox in place of a distribution. */
export async function agnhostImage(binary: string, work: string, context: BuildContext): Promise<ImageSpec> {
  const { certificate, key } = await localhostCertificate()
  return {
    reference: podImages.agnhost,
    architecture: context.architecture,
    entrypoint: ['/agnhost'],
    command: ['pause'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ports: ['80/tcp', '5000/tcp', '8080/tcp', '8081/tcp', '9376/tcp'],
    entries: [
      { path: 'tmp', kind: 'folder', mode: 0o1777 },
      { path: 'uploads', kind: 'folder', mode: 0o1777 },
      { path: 'root', kind: 'folder', mode: 0o700 },
      { path: 'etc', kind: 'folder' },
      { path: 'etc/passwd', kind: 'text', content: passwd },
      { path: 'etc/group', kind: 'text', content: group },
      { path: 'localhost.crt', kind: 'text', content: certificate },
      { path: 'localhost.key', kind: 'text', content: key },
      ...(await shellTools(work, context)),
      { path: 'agnhost', kind: 'file', from: binary },
      { path: 'agnhost-2', kind: 'link', to: '/agnhost' },
    ],
  }
}

async function shellTools(work: string, context: BuildContext): Promise<TarEntry[]> {
  const applets: string[] = []
  const image = await baseReference(context)
  await using container = await BuildContainer.create(
    context.docker,
    { Image: image, Cmd: ['/bin/busybox', '--list-full'] },
    context.signal,
  )
  await container.run((line) => applets.push(line.trim()))
  await pipeline(await container.get('/bin/busybox'), extract(work))
  return busyboxEntries(join(work, 'busybox'), applets)
}

/** The busybox binary and a link for each of its applets, at the applets' usual places. Its list names busybox itself, which is no link. */
export function busyboxEntries(binary: string, applets: readonly string[]): TarEntry[] {
  const links = applets.filter((path) => /^[\w./[\]-]+$/.test(path) && !/(^|\/)busybox$/.test(path))
  const folders = new Set(['bin'])
  for (const path of links)
    path
      .split('/')
      .slice(0, -1)
      .forEach((_, index, parts) => folders.add(parts.slice(0, index + 1).join('/')))
  return [
    ...[...folders].sort().map((path): TarEntry => ({ path, kind: 'folder' })),
    { path: 'bin/busybox', kind: 'file', from: binary },
    ...links.map((path): TarEntry => ({ path, kind: 'link', to: '/bin/busybox' })),
  ]
}
