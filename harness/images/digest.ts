import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** What an artifact is made from: names with contents. The order in which they are given makes no difference. */
export type Inputs = Readonly<Record<string, string | Uint8Array>>

/** The first 16 hexadecimal digits of SHA-256 over names and contents, each with its length, so that no two sets of inputs read alike. */
export function digest(inputs: Inputs): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(inputs).sort()) {
    const content = Buffer.from(inputs[name] ?? '')
    hash.update(`${Buffer.byteLength(name)}:${name}${content.length}:`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

/** All files below a folder, as inputs; names are relative to `root` with forward slashes on every system. */
export async function filesAsInputs(root: string, folder: string): Promise<Inputs> {
  const inputs: Record<string, Uint8Array> = {}
  for (const entry of await readdir(join(root, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    inputs[relative(root, path).split(sep).join('/')] = await readFile(path)
  }
  return inputs
}
