import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { check, type Check } from './check.ts'

/** The kernel's inotify limit for one user, and the current use. All processes of machines belong to root. */
export interface Inotify {
  /** fs.inotify.max_user_instances. */
  readonly limit: number
  /** Instances of root; undefined where this process can't read them. */
  readonly used: number | undefined
}

/**
 * Most instances that a cluster opens, counted on running clusters (Kubernetes 1.37, k3s 1.36): 8 to 10 for kubelet and container
 * runtime on each Node, 6 for an API server, up to 5 for a controller manager, and 1 for the audit log.
 */
const needs = {
  ha: { upstream: 61, k3s: 74 },
  single: { upstream: 26, k3s: 32 },
} as const

/** With too few instances, a kubelet or an agent that follows a log fails during a run with "too many open files". */
export function inotifyCheck({ limit, used }: Inotify): Check {
  const free = limit - (used ?? 0)
  const suggested = Math.max(512, 2 ** Math.ceil(Math.log2((used ?? 0) + needs.ha.k3s)))
  return check('inotify instances', free < needs.single.upstream ? false : free < needs.ha.k3s ? 'warn' : true, {
    found: `${limit} for each user${used === undefined ? '' : `, ${used} in use`}`,
    needed: `${needs.ha.k3s} more for ha on k3s, ${needs.ha.upstream} on upstream (single: ${needs.single.k3s}, ${needs.single.upstream})`,
    fix: `Raise the limit: sysctl -w fs.inotify.max_user_instances=${suggested}`,
  })
}

/** Reads the values of this host's kernel; undefined where it has none. */
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

/** Returns the number of instances of a process; 0 if it belongs to another user than `user`. */
export function instancesOf(pid: number, user: number): number {
  try {
    if (statSync(`/proc/${pid}`).uid !== user) return 0
    const files = readdirSync(`/proc/${pid}/fd`)
    return files.filter((file) => readlinkSync(`/proc/${pid}/fd/${file}`) === 'anon_inode:inotify').length
  } catch {
    // The process ended, or closed a file, in the meantime.
    return 0
  }
}
