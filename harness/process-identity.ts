import { readFileSync } from 'node:fs'

/** A pid can be given again: with the start time of its process it names one process for good. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

/** `unknown`: a process with that pid exists, and its start time can't be read. */
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

/** Of a process in this process's own pid namespace. */
export function lifeOfProcess({ pid, startedAt }: ProcessIdentity): ProcessLife {
  const now = startOf(pid)
  // Others' processes may be hidden from /proc (hidepid); a signal tells whether they exist.
  if (now === undefined) return exists(pid) ? 'unknown' : 'dead'
  return now !== '' && now === startedAt ? 'alive' : 'dead'
}

/**
 * '' where the process has ended and its parent has not noticed yet, undefined where it can't be read. Where there is no
 * /proc, a pid that exists counts as the same process.
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
