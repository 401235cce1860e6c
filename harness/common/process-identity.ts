import { readFileSync } from 'node:fs'

/** Identifies one process for good: the kernel reuses a pid, but not with the same start time. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

/** `unknown`: a process with that pid exists, but its start time can't be read. */
export type ProcessLife = 'alive' | 'dead' | 'unknown'

export function thisProcess(): ProcessIdentity {
  return identityOf(process.pid)
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid) ?? '' }
}

export function lives(identity: ProcessIdentity): boolean {
  return lifeOfProcess(identity) === 'alive'
}

/** Checks a process in this process's pid namespace. */
export function lifeOfProcess({ pid, startedAt }: ProcessIdentity): ProcessLife {
  const now = startOf(pid)
  // /proc may hide processes of other users (hidepid); signal 0 shows whether they exist.
  if (now === undefined) return exists(pid) ? 'unknown' : 'dead'
  return now !== '' && now === startedAt ? 'alive' : 'dead'
}

/**
 * Returns the start time; '' for a zombie, undefined where it can't be read. Without /proc, a pid that exists counts as the
 * same process.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    if (process.platform === 'linux') return undefined
    return exists(pid) ? 'lives' : ''
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
