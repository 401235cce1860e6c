import { readFileSync } from 'node:fs'

/** A pid can be given again: with the start time of its process it names one process for good. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startedAt: startOf(process.pid) }
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startedAt: startOf(pid) }
}

export function lives({ pid, startedAt }: ProcessIdentity): boolean {
  const now = startOf(pid)
  return now !== '' && now === startedAt
}

/**
 * '' where the process is gone, or has ended and only nobody has asked yet how. Where there is no /proc, a pid that takes a
 * signal counts as the same process.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return process.platform === 'linux' ? '' : probe(pid)
  }
}

function probe(pid: number): string {
  try {
    process.kill(pid, 0)
    return 'lives'
  } catch {
    return ''
  }
}
