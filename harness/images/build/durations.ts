import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const durationsSchema = z.record(z.string(), z.number().nonnegative())
export type Durations = Record<string, number>

const fileOf = (cache: string): string => join(cache, 'durations.json')

/** Reads how many seconds each step took on this host last time. A missing or unreadable file gives an empty result. */
export async function readDurations(cache: string): Promise<Durations> {
  try {
    return durationsSchema.parse(JSON.parse(await readFile(fileOf(cache), 'utf8')))
  } catch {
    return {}
  }
}

export async function recordDuration(cache: string, step: string, seconds: number): Promise<void> {
  const all = { ...(await readDurations(cache)), [step]: Math.round(seconds * 10) / 10 }
  await mkdir(cache, { recursive: true })
  await writeFile(`${fileOf(cache)}.part`, `${JSON.stringify(all, null, 2)}\n`)
  await rename(`${fileOf(cache)}.part`, fileOf(cache))
}
