import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { eventually } from '../../common/eventually.ts'
import { exists, unlessAbsent } from '../ttl/absence.ts'
import { cgroupRoot, unified } from './cgroups.ts'

/** What a cgroup may use at most. */
export interface Allowance {
  readonly cores?: number | undefined
  readonly megabytes?: number | undefined
}

const periodUs = 100_000
/** A program needs some memory before it allocates any. */
const baseMegabytes = 128
const emptyWithinMs = 10_000

const controllers = unified ? [''] : ['cpu', 'cpuacct', 'memory']
const folder = (name: string, controller: string): string =>
  unified ? `${cgroupRoot}/${name}` : `${cgroupRoot}/${controller}/${name}`

/** Creates a cgroup in this machine's own tree, on cgroup v1 or v2. */
export async function makeGroup(name: string, { cores, megabytes }: Allowance): Promise<void> {
  for (const controller of controllers) await mkdir(folder(name, controller), { recursive: true })
  if (cores !== undefined) {
    const quota = Math.round(cores * periodUs)
    if (unified) await write(name, 'cpu', 'max', `${quota} ${periodUs}`)
    else {
      await write(name, 'cpu', 'cfs_period_us', String(periodUs))
      await write(name, 'cpu', 'cfs_quota_us', String(quota))
    }
  }
  if (megabytes !== undefined) {
    const bytes = String((megabytes + baseMegabytes) * 1024 * 1024)
    await write(name, 'memory', unified ? 'max' : 'limit_in_bytes', bytes)
  }
}

/** Returns a command that joins the group and then executes the given one: nothing of it runs outside. */
export function joinAndRun(name: string, argv: readonly string[]): string[] {
  const joins = controllers.map((controller) => `echo $$ > ${folder(name, controller)}/cgroup.procs`)
  return ['sh', '-c', `${joins.join(' && ')} && exec "$@"`, 'holdfast-group', ...argv]
}

export async function usage(name: string): Promise<{ cpuMs: number; bytes: number }> {
  if (!unified) {
    return {
      cpuMs: Number(await read(name, 'cpuacct', 'usage')) / 1e6,
      bytes: Number(await read(name, 'memory', 'usage_in_bytes')),
    }
  }
  const usec = /usage_usec (\d+)/.exec(await read(name, 'cpu', 'stat'))?.[1]
  if (usec === undefined) throw new Error(`cpu.stat of control group ${name} has no usage`)
  return { cpuMs: Number(usec) / 1000, bytes: Number(await read(name, 'memory', 'current')) }
}

/**
 * Returns how long its processes were ready to run and waited for a processor, in milliseconds: the second figure of each
 * schedstat (https://docs.kernel.org/scheduler/sched-stats.html). 0 for a kernel that does not count it.
 */
export async function waited(name: string): Promise<number> {
  const pids = await readFile(`${folder(name, controllers[0] ?? '')}/cgroup.procs`, 'utf8')
  const lines = pids
    .split('\n')
    .filter((pid) => pid !== '')
    .map((pid) => unlessAbsent(readFile(`/proc/${pid}/schedstat`, 'utf8')))
  return (await Promise.all(lines)).reduce((sum, line) => sum + Number(line?.split(' ')[1] ?? 0) / 1e6, 0)
}

/**
 * Resolves to false when it did not exist. A process that has ended may still release its memory, and counts until then.
 * @throws when a process keeps running in it
 */
export async function removeGroup(name: string): Promise<boolean> {
  let there = false
  for (const controller of controllers) {
    if (!exists(folder(name, controller))) continue
    there = true
    await eventually(`control group ${name} to be empty`, () => rmdir(folder(name, controller)).then(() => true), {
      timeoutMs: emptyWithinMs,
      intervalMs: 5,
    })
  }
  return there
}

function write(name: string, controller: string, file: string, value: string): Promise<void> {
  return writeFile(`${folder(name, controller)}/${controller}.${file}`, value)
}

function read(name: string, controller: string, file: string): Promise<string> {
  return readFile(`${folder(name, controller)}/${controller}.${file}`, 'utf8')
}
