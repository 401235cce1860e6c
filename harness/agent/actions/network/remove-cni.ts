import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forget, save, saved } from '../../ttl/saved.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Key of the saved state that the revert restores. */
  readonly name: string
  /** The container runtime's folder of pod network configurations. */
  readonly folder: string
}

/** Removes the container runtime's pod network configuration: running pods stay connected, new pods can't start. */
export const removeCni = agentAction({
  name: 'remove-cni',
  do: async ({ name, folder }: Params) => {
    const files = await readdir(folder)
    if (files.length === 0) throw new Error(`there is no configuration in ${folder}`)
    const kept = await Promise.all(
      files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const),
    )
    await save(name, JSON.stringify(Object.fromEntries(kept)))
    for (const file of files) await rm(join(folder, file))
    const left = (await readdir(folder)).length
    if (left > 0) throw new Error(`${left} files exist again`)
    return { folder, removed: files.length, left }
  },
  undo: async ({ name, folder }) => {
    const text = await saved(name)
    if (text === undefined) return { name, restored: 0, already: true }
    let restored = 0
    const there = await readdir(folder)
    for (const [file, content] of Object.entries(JSON.parse(text) as Record<string, string>)) {
      // Another program has written it since; its content is newer.
      if (there.includes(file)) continue
      await writeFile(join(folder, file), content)
      restored += 1
    }
    await forget(name)
    return { name, restored, files: (await readdir(folder)).length }
  },
})
