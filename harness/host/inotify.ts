import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { check, type Check } from './check.ts'

/** What the kernel lets one user have, and has given out. Machines' processes are all one user's: root. */
export interface Inotify {
  /** fs.inotify.max_user_instances. */
  readonly limit: number
  /** How many root has open now; undefined where this process may not see it. */
  readonly used: number | undefined
}

/**
 * Instances that a cluster has open at most, counted on running ones (Kubernetes 1.37, k3s 1.36): kubelet and container runtime
 * hold 8 to 10 on each Node, an API server 6, a controller manager up to 5, and 1 follows the audit log.
 */
const needs = {
  ha: { upstream: 61, k3s: 74 },
  single: { upstream: 26, k3s: 32 },
} as const

/** Without enough of them a kubelet, or whoever follows a log, fails with "too many open files" in the midst of a run. */
export function inotifyCheck({ limit, used }: Inotify): Check {
  const free = limit - (used ?? 0)
  const suggested = Math.max(512, 2 ** Math.ceil(Math.log2((used ?? 0) + needs.ha.k3s)))
  return check('inotify instances', free < needs.single.upstream ? false : free < needs.ha.k3s ? 'warn' : true, {
    found: `${limit} for each user${used === undefined ? '' : `, ${used} in use`}`,
    needed: `${needs.ha.k3s} more for ha on k3s, ${needs.ha.upstream} on upstream (single: ${needs.single.k3s}, ${needs.single.upstream})`,
    mend: `Let a user have more: sysctl -w fs.inotify.max_user_instances=${suggested}`,
  })
}

/** What this machine's kernel says; undefined where it does not. */
export function inotifyHere(): Inotify | undefined {
  try {
    const limit = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'))
    return { limit, used: process.getuid?.() === 0 ? usedByRoot() : undefined }
  } catch {
    return undefined
  }
}

const root = 0

function usedByRoot(): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return processes.reduce((sum, pid) => sum + instancesOf(Number(pid), root), 0)
}

/** How many a process has open; 0 where it is another user's than this one. */
export function instancesOf(pid: number, user: number): number {
  try {
    if (statSync(`/proc/${pid}`).uid !== user) return 0
    const files = readdirSync(`/proc/${pid}/fd`)
    return files.filter((file) => readlinkSync(`/proc/${pid}/fd/${file}`) === 'anon_inode:inotify').length
  } catch {
    // It has ended, or closed a file, while it was looked at.
    return 0
  }
}
