import { readFile, readdir } from 'node:fs/promises'
import { unlessAbsent } from './absence.ts'
import type { Residue } from './protocol.ts'

/**
 * What of a machine's processes a fault could have left: those that are stopped, and programs of ours beside this agent. Its
 * own children, which look around for it, do not count.
 */
export async function ownProcesses(): Promise<Residue> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const told = (await Promise.all(pids.map(describe))).filter((one) => one !== undefined)
  const ofKind = (kind: Told['kind']): string[] => told.filter((one) => one.kind === kind).map(({ words }) => words)
  return { 'stopped process': ofKind('stopped'), 'process of ours': ofKind('ours') }
}

interface Told {
  readonly kind: 'stopped' | 'ours'
  readonly words: string
}

async function describe(pid: string): Promise<Told | undefined> {
  const command = (await unlessAbsent(readFile(`/proc/${pid}/cmdline`, 'utf8'))) ?? ''
  const stat = (await unlessAbsent(readFile(`/proc/${pid}/stat`, 'utf8'))) ?? ''
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // One that has ended meanwhile is nothing that was left.
  if (stat === '' || state === 'Z') return undefined
  const words = command.split('\0').join(' ').trim()
  if (Number(pid) === process.pid || Number(parent) === process.pid) return undefined
  if (state === 'T') return { kind: 'stopped', words }
  // Whatever outlives a call of ours says whose it is; the program for packets has a name of its own.
  const ours = /\/opt\/holdfast\/|holdfast[-_]|^impair /.test(words)
  return ours && !words.startsWith('runsv') ? { kind: 'ours', words } : undefined
}
