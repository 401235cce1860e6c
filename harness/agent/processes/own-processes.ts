import { readFile, readdir } from 'node:fs/promises'
import { unlessAbsent } from '../ttl/absence.ts'
import type { Residue } from '../rpc/results.ts'

/**
 * Returns the processes that a fault could have left: stopped ones, and Holdfast's programs beside this agent. The agent's
 * own children, which read the residue, don't count.
 */
export async function ownProcesses(): Promise<Residue> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const described = (await Promise.all(pids.map(describe))).filter((one) => one !== undefined)
  const ofKind = (kind: Described['kind']): string[] =>
    described.filter((one) => one.kind === kind).map(({ commandLine }) => commandLine)
  return { 'stopped process': ofKind('stopped'), 'process of ours': ofKind('ours') }
}

interface Described {
  readonly kind: 'stopped' | 'ours'
  readonly commandLine: string
}

async function describe(pid: string): Promise<Described | undefined> {
  const command = (await unlessAbsent(readFile(`/proc/${pid}/cmdline`, 'utf8'))) ?? ''
  const stat = (await unlessAbsent(readFile(`/proc/${pid}/stat`, 'utf8'))) ?? ''
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A process that has ended meanwhile is no residue.
  if (stat === '' || state === 'Z') return undefined
  const commandLine = command.split('\0').join(' ').trim()
  if (Number(pid) === process.pid || Number(parent) === process.pid) return undefined
  if (state === 'T') return { kind: 'stopped', commandLine }
  // Each of Holdfast's programs that outlives a call has the name in its arguments; the packet program has its own name.
  const isOwn = /\/opt\/holdfast\/|holdfast[-_]|^impair /.test(commandLine)
  return isOwn && !commandLine.startsWith('runsv') ? { kind: 'ours', commandLine } : undefined
}
