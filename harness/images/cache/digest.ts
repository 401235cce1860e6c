import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** Inputs of an artifact: names with contents, in any order. */
export type Inputs = Readonly<Record<string, string | Uint8Array>>

/** Returns the first 16 hex digits of SHA-256 over names and contents, each with its length, so that different inputs never coincide. */
export function digest(inputs: Inputs): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(inputs).sort()) {
    const content = Buffer.from(inputs[name] ?? '')
    hash.update(`${Buffer.byteLength(name)}:${name}${content.length}:`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

/** Reads all files below a folder as inputs. Names are relative to `root`, with forward slashes on every system. */
export async function filesAsInputs(root: string, folder: string): Promise<Inputs> {
  const inputs: Record<string, Uint8Array> = {}
  for (const entry of await readdir(join(root, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    inputs[relative(root, path).split(sep).join('/')] = await readFile(path)
  }
  return inputs
}
