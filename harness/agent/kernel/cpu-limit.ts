import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { eventually } from '../../common/eventually.ts'
import { exists } from '../ttl/absence.ts'
import { cgroupRoot, homeOf, unified } from './cgroups.ts'
import type { Facts } from '../rpc/results.ts'
import { state } from '../processes/supervisor.ts'

const periodUs = 100_000
const parent = unified ? cgroupRoot : `${cgroupRoot}/cpu`

/** Moves a component's process into a cgroup with a quota: it runs for its share of every tenth of a second, then waits. */
export async function limitCpu(component: string, cgroup: string, percent: number): Promise<Facts> {
  const { pid, startedAt } = await state(component)
  if (pid === 0) throw new Error(`${component} has no process to slow down`)
  const folder = `${parent}/${cgroup}`
  const quotaUs = Math.round((percent / 100) * periodUs)
  await mkdir(folder)
  if (unified) await writeFile(`${folder}/cpu.max`, `${quotaUs} ${periodUs}`)
  else {
    await writeFile(`${folder}/cpu.cfs_period_us`, String(periodUs))
    await writeFile(`${folder}/cpu.cfs_quota_us`, String(quotaUs))
  }
  await writeFile(`${folder}/cgroup.procs`, String(pid))
  if (!(await members(folder)).includes(String(pid))) throw new Error(`${component} is not in its cgroup`)
  return { component, pid, startedAt, cgroup, quotaUs, periodUs }
}

/** Moves the cgroup's processes back to those of the machine's components, and removes it. */
export async function liftCpuLimit(component: string, cgroup: string): Promise<Facts> {
  const folder = `${parent}/${cgroup}`
  if (!exists(folder)) return { component, cgroup, limited: false, gone: true }
  const [facts, home] = [await cpuCgroup(cgroup), homeOf('cpu')]
  await eventually(
    `cgroup ${cgroup} to be empty`,
    async () => {
      // A process that has ended can't be moved; the removal shows whether the group is empty.
      for (const pid of await members(folder)) await writeFile(`${home}/cgroup.procs`, pid).catch(() => undefined)
      await rmdir(folder)
      return true
    },
    { intervalMs: 5, timeoutMs: 5_000 },
  )
  return { ...facts, component, limited: false }
}

/** Returns how often and for how long the kernel has throttled the cgroup. */
export async function cpuCgroup(cgroup: string): Promise<Facts> {
  const text = await readFile(`${parent}/${cgroup}/cpu.stat`, 'utf8')
  const figures = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]))
  const times = figures.get('nr_throttled')
  if (times === undefined) throw new Error(`${parent}/${cgroup}/cpu.stat has no nr_throttled`)
  const us = figures.get('throttled_usec') ?? String(Number(figures.get('throttled_time') ?? 0) / 1_000)
  return { cgroup, throttled: Number(times), throttledMs: Math.round(Number(us) / 1_000) }
}

async function members(folder: string): Promise<string[]> {
  return (await readFile(`${folder}/cgroup.procs`, 'utf8')).split('\n').filter((pid) => pid !== '')
}
