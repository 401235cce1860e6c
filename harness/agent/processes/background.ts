import { spawn } from 'node:child_process'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { eventually } from '../../common/eventually.ts'
import { unlessAbsent } from '../ttl/absence.ts'
import { processOf } from './supervisor.ts'

/** Records and sockets of Holdfast's programs that outlive a call. They are gone with the machine, like the programs. */
export const runFolder = '/run/holdfast'

const file = (name: string): string => `${runFolder}/${name}.process`

/**
 * Starts a program in its own session, so that its children can be ended with it, and records its pid for the next agent.
 * Its input ends with the agent.
 */
export async function startInBackground(
  name: string,
  argv: readonly string[],
): Promise<{ pid: number; input: Writable }> {
  await mkdir(runFolder, { recursive: true, mode: 0o700 })
  const [program = '', ...args] = argv
  const child = spawn(program, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} could not be started`)
  await writeFile(file(name), `${pid} ${(await processOf(pid))?.startedAt ?? ''}`)
  return { pid, input: child.stdin }
}

/**
 * Ends the program and its children, and waits until all are gone. Resolves to false when it was already gone. @throws when
 * that can't be read
 */
export async function endInBackground(name: string): Promise<boolean> {
  const [pid = '', startedAt = ''] = ((await unlessAbsent(readFile(file(name), 'utf8'))) ?? '').split(' ')
  const group = Number(pid)
  const lives = group > 0 && (await leaderOrOrphans(group, startedAt))
  if (lives) {
    signalGroup(group)
    await eventually(`${name} to end`, async () => (await membersOf(group)).length === 0, {
      timeoutMs: 10_000,
      intervalMs: 5,
    })
  }
  await rm(file(name), { force: true })
  return lives
}

/** A group outlives its leader, and its number is not reused for as long as it does. */
async function leaderOrOrphans(group: number, startedAt: string): Promise<boolean> {
  const leader = await processOf(group)
  if (leader) return leader.startedAt === startedAt
  return (await membersOf(group)).length > 0
}

function signalGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch (error) {
    // The group has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function membersOf(group: number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const members = await Promise.all(
    pids.map(async (pid) => {
      const stat = (await unlessAbsent(readFile(`/proc/${pid}/stat`, 'utf8'))) ?? ''
      const [letter, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(processGroup) === group && letter !== 'Z' ? pid : undefined
    }),
  )
  return members.filter((pid) => pid !== undefined)
}
