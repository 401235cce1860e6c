import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'
import { lives, thisProcess } from '../process-identity.ts'

/** Which process a run belongs to, kept outside the run's folder so that `clean` finds it whatever the folder is. */
const owner = z.object({ pid: z.number(), startedAt: z.string(), folder: z.string(), kept: z.boolean() })

type Owner = z.infer<typeof owner>

const folder = join(process.env['HOLDFAST_STATE'] ?? envPaths('holdfast', { suffix: '' }).log, 'runs')

export async function writeOwner(
  run: string,
  what: { readonly folder: string; readonly kept: boolean },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const record: Owner = { ...thisProcess(), ...what }
  await writeFile(join(folder, `${run}.json`), JSON.stringify(record), { mode: 0o600 })
}

export async function readOwner(run: string): Promise<Owner | undefined> {
  try {
    return owner.parse(JSON.parse(await readFile(join(folder, `${run}.json`), 'utf8')))
  } catch {
    return undefined
  }
}

/** Every run that is written down, whatever has become of it. */
export async function owners(): Promise<ReadonlyMap<string, Owner>> {
  const names = await readdir(folder).catch(() => [])
  const runs = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
  const read = await Promise.all(runs.map(async (run) => [run, await readOwner(run)] as const))
  return new Map(read.flatMap(([run, owner]) => (owner ? [[run, owner] as const] : [])))
}

export async function removeOwner(run: string): Promise<void> {
  await rm(join(folder, `${run}.json`), { force: true })
}

export function isAlive(who: Owner | undefined): boolean {
  if (!who) return false
  return who.kept || lives(who)
}
