import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { pack, type Pack } from 'tar-stream'

/** One entry of an archive. The owner is always root and the time zero, so that the same entries give the same bytes. */
export type TarEntry =
  | { readonly path: string; readonly kind: 'folder'; readonly mode?: number }
  | { readonly path: string; readonly kind: 'link'; readonly to: string }
  | { readonly path: string; readonly kind: 'text'; readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly path: string; readonly kind: 'file'; readonly from: string; readonly mode?: number }

/** Creates a tar archive as a stream. Reads files while it flows; an unreadable file is an error of the stream. */
export function tarOf(entries: readonly TarEntry[]): Readable {
  const archive = pack()
  void write(archive, entries).catch((error: unknown) => archive.destroy(error as Error))
  return archive as unknown as Readable
}

async function write(archive: Pack, entries: readonly TarEntry[]): Promise<void> {
  for (const entry of entries) {
    const common = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 }
    if (entry.kind === 'file') {
      const { size } = await stat(entry.from)
      await pipeline(createReadStream(entry.from), archive.entry({ ...common, mode: entry.mode ?? 0o755, size }))
    } else if (entry.kind === 'text') {
      archive.entry({ ...common, mode: entry.mode ?? 0o644 }, Buffer.from(entry.content))
    } else if (entry.kind === 'folder') {
      archive.entry({ ...common, type: 'directory', mode: entry.mode ?? 0o755 })
    } else {
      archive.entry({ ...common, type: 'symlink', linkname: entry.to, mode: 0o777 })
    }
  }
  archive.finalize()
}

/** Returns a folder's files as entries below `prefix`. */
export async function folderEntries(folder: string, prefix: string): Promise<TarEntry[]> {
  const entries: TarEntry[] = [{ path: prefix, kind: 'folder' }]
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const from = join(entry.parentPath, entry.name)
    const path = `${prefix}/${relative(folder, from).split(sep).join('/')}`
    if (entry.isDirectory()) entries.push({ path, kind: 'folder' })
    if (entry.isFile()) entries.push({ path, kind: 'file', from, mode: 0o644 })
  }
  return entries
}
