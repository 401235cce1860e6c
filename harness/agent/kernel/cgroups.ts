import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { unlessAbsent } from '../ttl/absence.ts'

/**
 * The machine's own cgroups, as its process 1 has them mounted. An agent in a sidecar has other mounts, without the
 * machine's cgroups.
 */
export const cgroupRoot = '/proc/1/root/sys/fs/cgroup'

/** cgroup v2 has one tree for all controllers, v1 one for each. */
export const unified = existsSync(`${cgroupRoot}/cgroup.controllers`)

/** On v2 only leaves hold processes: the machine's own are in this one. See distribution/init.ts. */
const leaf = '/machine'

/** Returns the folder of a machine's own processes, in the tree of this controller. */
export function homeOf(controller: string): string {
  return unified ? `${cgroupRoot}${leaf}` : `${cgroupRoot}/${controller}`
}

/** Returns the folder of a process's cgroup in the tree of this controller; undefined when it has ended or has no group of its own. */
export async function folderOf(pid: number, controller: string): Promise<string | undefined> {
  const [first, own] = await Promise.all([
    readFile('/proc/1/cgroup', 'utf8'),
    unlessAbsent(readFile(`/proc/${pid}/cgroup`, 'utf8')),
  ])
  if (own === undefined) return undefined
  const path = pathBelow(controller, first, own)
  return path && `${cgroupRoot}${unified ? '' : `/${controller}`}${path}`
}

/**
 * Returns a group's path below the machine's root, from /proc/PID/cgroup of process 1 and of a process. The root of such
 * paths depends on the reader and is the same for both. Undefined for the root itself, and for a process of another
 * machine.
 */
export function pathBelow(controller: string, first: string, own: string): string | undefined {
  const root = pathOf(controller, first)?.replace(new RegExp(`${leaf}$`), '')
  const path = pathOf(controller, own)
  if (root === undefined || path === undefined) return undefined
  const base = root === '/' ? '' : root
  return path.startsWith(`${base}/`) && path !== '/' ? path.slice(base.length) : undefined
}

/** Lines are `number:controllers:path`, with several controllers where they share a tree, and none on v2. */
function pathOf(controller: string, text: string): string | undefined {
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  const found =
    lines.find((line) => line?.[1]?.split(',').includes(controller)) ?? lines.find((line) => line?.[1] === '')
  return found?.[2]
}
