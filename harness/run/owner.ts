import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'

/**
 * Which process a run belongs to, kept outside the run's folder so that `clean` finds it whatever the folder is. A pid
 * alone can be given again: with the process's start time it can't be mistaken.
 */
const owner = z.object({ pid: z.number(), startedAt: z.string(), folder: z.string(), kept: z.boolean() })

type Owner = z.infer<typeof owner>

const folder = join(process.env['HOLDFAST_STATE'] ?? envPaths('holdfast', { suffix: '' }).log, 'runs')

export async function writeOwner(
  run: string,
  what: { readonly folder: string; readonly kept: boolean },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const record: Owner = { pid: process.pid, startedAt: startOf(process.pid), ...what }
  await writeFile(join(folder, `${run}.json`), JSON.stringify(record), { mode: 0o600 })
}

export async function readOwner(run: string): Promise<Owner | undefined> {
  try {
    return owner.parse(JSON.parse(await readFile(join(folder, `${run}.json`), 'utf8')))
  } catch {
    return undefined
  }
}

export async function removeOwner(run: string): Promise<void> {
  await rm(join(folder, `${run}.json`), { force: true })
}

export function isAlive(who: Owner | undefined): boolean {
  if (!who) return false
  return who.kept || startOf(who.pid) === who.startedAt
}

/** '' where the process is gone. Where there is no /proc, a pid that takes a signal counts as the same process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return process.platform === 'linux' ? '' : probe(pid)
  }
}

function probe(pid: number): string {
  try {
    process.kill(pid, 0)
    return 'lives'
  } catch {
    return ''
  }
}
