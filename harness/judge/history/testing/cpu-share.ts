import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'

/** Limits a running process to a small share of a processor. Dispose of it after the process has ended. */
export type Throttle = (child: ChildProcess) => Promise<AsyncDisposable> | AsyncDisposable

/** Short, so that little work is enough to be throttled; the kernel allows no quota below 1 ms. */
const periodUs = 10_000

interface Hierarchy {
  readonly root: string
  readonly limits: (quotaUs: number) => Readonly<Record<string, string>>
}

const hierarchies: readonly Hierarchy[] = [
  {
    root: '/sys/fs/cgroup/cpu',
    limits: (quotaUs) => ({ 'cpu.cfs_period_us': `${periodUs}`, 'cpu.cfs_quota_us': `${quotaUs}` }),
  },
  { root: '/sys/fs/cgroup', limits: (quotaUs) => ({ 'cpu.max': `${quotaUs} ${periodUs}` }) },
]

/** A quota of a control group for the process: requires root and the kernel's cpu controller (version 1 or 2). */
export function quota(share: number): Throttle | undefined {
  return hierarchies.map((one) => quotaIn(one, share)).find((throttle) => throttle !== undefined)
}

function quotaIn({ root, limits }: Hierarchy, share: number): Throttle | undefined {
  const files = Object.entries(limits(Math.round(share * periodUs)))
  const group = join(root, `holdfast-test-${process.pid}-${Math.round(share * 1000)}`)
  try {
    mkdirSync(group)
    const usable = files.every(([file]) => existsSync(join(group, file)))
    rmdirSync(group)
    if (!usable) return undefined
  } catch {
    // Without root or such a hierarchy, use the fallback.
    return undefined
  }
  return ({ pid }) => {
    mkdirSync(group)
    for (const [file, limit] of files) writeFileSync(join(group, file), limit)
    writeFileSync(join(group, 'cgroup.procs'), `${pid}`)
    return { [Symbol.asyncDispose]: () => Promise.resolve(rmdirSync(group)) }
  }
}

/** About a tenth: a low priority on one processor beside a busy loop. Needs no rights, only `taskset`. */
export const crowded: Throttle = async (child) => {
  const spinner = spawn('taskset', ['-c', '0', process.execPath, '-e', "process.stdout.write('spinning'); for (;;);"])
  await once(spinner.stdout, 'data')
  const pid = child.pid ?? 0
  const pinned = spawnSync('taskset', ['-a', '-c', '-p', '0', `${pid}`])
  setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  if (pinned.status !== 0) throw new Error(`taskset failed: ${String(pinned.stderr)}`)
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = once(spinner, 'exit')
      spinner.kill('SIGKILL')
      await ended
    },
  }
}
