import { existsSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { eventually } from '../../eventually.ts'
import type { Facts } from './protocol.ts'
import { state } from './supervisor.ts'

const root = '/sys/fs/cgroup'
const periodUs = 100_000
/** cgroup v1 has a tree for each controller; v2 has one, in which only leaves hold processes: ours are in `machine`. */
const v1 = existsSync(`${root}/cpu/tasks`)
const parent = v1 ? `${root}/cpu` : root
const home = v1 ? parent : `${root}/machine`

/** Moves a component's process into a cgroup with a quota: it runs for its share of every tenth of a second, then waits. */
export async function limitCpu(component: string, cgroup: string, percent: number): Promise<Facts> {
  const { pid, startedAt } = await state(component)
  if (pid === 0) throw new Error(`${component} has no process to slow down`)
  const folder = `${parent}/${cgroup}`
  const quotaUs = Math.round((percent / 100) * periodUs)
  await mkdir(folder)
  if (v1) {
    await writeFile(`${folder}/cpu.cfs_period_us`, String(periodUs))
    await writeFile(`${folder}/cpu.cfs_quota_us`, String(quotaUs))
  } else await writeFile(`${folder}/cpu.max`, `${quotaUs} ${periodUs}`)
  await writeFile(`${folder}/cgroup.procs`, String(pid))
  if (!(await members(folder)).includes(String(pid))) throw new Error(`${component} is not in its cgroup`)
  return { component, pid, startedAt, cgroup, quotaUs, periodUs }
}

/** Moves everybody in it back to where machines keep their components, and removes it. */
export async function liftCpuLimit(component: string, cgroup: string): Promise<Facts> {
  const folder = `${parent}/${cgroup}`
  if (!existsSync(folder)) return { component, cgroup, limited: false, gone: true }
  const facts = await cpuCgroup(cgroup)
  await eventually(
    `cgroup ${cgroup} to be empty`,
    async () => {
      for (const pid of await members(folder)) await writeFile(`${home}/cgroup.procs`, pid).catch(() => undefined)
      await rmdir(folder)
      return true
    },
    { everyMs: 5, withinMs: 5_000 },
  )
  return { ...facts, component, limited: false }
}

/** How often the kernel has held back what is in it, and for how long. */
export async function cpuCgroup(cgroup: string): Promise<Facts> {
  const text = await readFile(`${parent}/${cgroup}/cpu.stat`, 'utf8')
  const figures = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]))
  const us = figures.get('throttled_usec') ?? String(Number(figures.get('throttled_time') ?? 0) / 1_000)
  return { cgroup, throttled: Number(figures.get('nr_throttled') ?? 0), throttledMs: Math.round(Number(us) / 1_000) }
}

async function members(folder: string): Promise<string[]> {
  return (await readFile(`${folder}/cgroup.procs`, 'utf8')).split('\n').filter((pid) => pid !== '')
}
