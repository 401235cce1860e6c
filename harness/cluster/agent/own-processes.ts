import { readFile, readdir } from 'node:fs/promises'

/**
 * What of a machine's processes a fault could have left: one that is stopped or waits for a disk that does not answer, and
 * programs of ours beside this agent. Its own children, which look around for it, do not count.
 */
export async function ownProcesses(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const told = await Promise.all(pids.map(describe))
  return told.filter((line) => line !== undefined)
}

async function describe(pid: string): Promise<string | undefined> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // One that has ended meanwhile is nothing that was left.
  if (stat === '' || state === 'Z') return undefined
  const words = command.split('\0').join(' ').trim()
  if (Number(pid) === process.pid || Number(parent) === process.pid) return undefined
  if (state === 'T') return `stopped: ${words}`
  // Whatever outlives a call of ours says whose it is; the program for packets has a name of its own.
  const ours = /\/opt\/holdfast\/|holdfast[-_]|^impair /.test(words)
  return ours && !words.startsWith('runsv') ? `ours: ${words}` : undefined
}
