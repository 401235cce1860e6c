import { readFile, writeFile } from 'node:fs/promises'
import { exists } from '../ttl/absence.ts'
import { folderOf } from './cgroups.ts'
import { requireRunning, type Wanted } from '../processes/container-processes.ts'
import type { Facts } from '../rpc/results.ts'
import { forget, save, saved } from '../ttl/saved.ts'

const periodUs = 100_000

interface Limited {
  readonly folder: string
  /** The quota's file, and its content before. */
  readonly file: string
  readonly before: string
  /** How often the kernel had throttled the container before. */
  readonly throttled: number
}

/** Writes another quota into the cgroup that the runtime made for a container. */
export async function limitContainer(wanted: Wanted, name: string, percent: number): Promise<Facts> {
  const { id, pid, startedAt } = await requireRunning(wanted)
  const folder = await cpuFolder(pid)
  const v1 = exists(`${folder}/cpu.cfs_quota_us`)
  const file = `${folder}/${v1 ? 'cpu.cfs_quota_us' : 'cpu.max'}`
  const before = (await readFile(file, 'utf8')).trim()
  const quotaUs = Math.round(
    (percent / 100) * (v1 ? Number(await readFile(`${folder}/cpu.cfs_period_us`, 'utf8')) : periodUs),
  )
  const limited: Limited = { folder, file, before, throttled: await timesThrottled(folder) }
  await save(name, JSON.stringify(limited))
  await writeFile(file, v1 ? String(quotaUs) : `${quotaUs} ${periodUs}`)
  return { ...wanted, id, pid, startedAt, quotaUs, before }
}

/** Restores the quota. A container that is gone has no cgroup any more. */
export async function liftContainerLimit(name: string): Promise<Facts> {
  const limited = await read(name)
  if (!limited) return { name, already: true }
  const gone = !exists(limited.file)
  const facts = gone ? {} : await throttled(name)
  if (!gone) await writeFile(limited.file, limited.before)
  await forget(name)
  return { ...facts, limited: false, ...(gone ? { gone } : {}) }
}

/** Returns how often the kernel has throttled the container since. */
export async function throttled(name: string): Promise<Facts> {
  const limited = await read(name)
  if (!limited) throw new Error(`no container is limited under the name ${name}`)
  return { throttled: (await timesThrottled(limited.folder)) - limited.throttled }
}

async function read(name: string): Promise<Limited | undefined> {
  const text = await saved(name)
  return text === undefined ? undefined : (JSON.parse(text) as Limited)
}

async function timesThrottled(folder: string): Promise<number> {
  const times = /nr_throttled (\d+)/.exec(await readFile(`${folder}/cpu.stat`, 'utf8'))?.[1]
  if (times === undefined) throw new Error(`${folder}/cpu.stat has no nr_throttled`)
  return Number(times)
}

async function cpuFolder(pid: number): Promise<string> {
  const folder = await folderOf(pid, 'cpu')
  if (folder && exists(`${folder}/cpu.stat`)) return folder
  throw new Error(`process ${pid} has no cgroup of its own that limits its processor`)
}
