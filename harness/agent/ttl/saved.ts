import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from './absence.ts'

/*
 * State from before a fault, kept on the machine's disk until it is restored: any agent finds it by the fault's id. Not
 * below /run or /tmp, which are empty after a restart.
 */
export const saves = '/opt/holdfast/saved'

/** Saves the state on disk; call it before the change. */
export async function save(name: string, text: string): Promise<void> {
  await mkdir(saves, { recursive: true, mode: 0o700 })
  await writeFile(`${join(saves, name)}.new`, text)
  await rename(`${join(saves, name)}.new`, join(saves, name))
}

/** Undefined when nothing was saved, and so nothing changed, or when it was already restored. @throws when it can't be read */
export function saved(name: string): Promise<string | undefined> {
  return unlessAbsent(readFile(join(saves, name), 'utf8'))
}

export async function forget(name: string): Promise<void> {
  await rm(join(saves, name), { force: true, recursive: true })
}
