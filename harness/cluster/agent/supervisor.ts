import { closeSync, constants, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsent } from './absence.ts'
import { promptly } from './promptly.ts'
import { now } from '../../record/clock.ts'
import type { ComponentState, Facts } from './protocol.ts'

const services = '/opt/holdfast/sv'
/** An API server that is asked to end lets go of those who watch for up to a minute. */
const endsWithinMs = 90_000
/** Linux tells process times in ticks of a hundredth of a second, whatever the kernel's own. */
const msPerTick = 10

/**
 * One supervised component. runit's control pipe and status file are read and written directly: a fraction of a
 * millisecond each, where starting `sv` would cost several. What is read is short and in memory, so it is read on the spot:
 * handing it to another thread takes ten times as long.
 * Status layout: https://manpages.debian.org/bookworm/runit/runsv.8.en.html (bytes 12-15 pid, 16 paused, 17 wanted).
 */
function stateNow(component: string): ComponentState {
  const status = readFileSync(statusOf(component))
  const pid = status.readUInt32LE(12)
  const wanted = String.fromCharCode(status.readUInt8(17))
  const process = pid === 0 ? undefined : processNow(pid)
  return {
    pid: process ? pid : 0,
    startedAt: process?.startedAt ?? '',
    ageMs: process ? now() - Number(process.startedAt) * msPerTick : 0,
    wanted: wanted === 'u' ? 'up' : wanted === 'd' ? 'down' : 'once',
    frozen: process?.state === 'T',
  }
}

export async function state(component: string): Promise<ComponentState> {
  return stateNow(component)
}

/** @throws when it does not run: no flags would be other flags */
export async function commandLine(component: string): Promise<string[]> {
  const { pid } = running(component)
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter((word) => word !== '')
}

export async function end(component: string, signal: NodeJS.Signals, stay: boolean): Promise<Facts> {
  const before = running(component)
  if (stay) await leaveDown(component)
  process.kill(before.pid, signal)
  await promptly(`process ${before.pid} to end`, () => hasEnded(before), endsWithinMs)
  return { component, signal, pid: before.pid, startedAt: before.startedAt, ended: true, stays: stay }
}

/** A supervisor that hears of it only when it has seen the process end starts it once more: it has to know before. */
async function leaveDown(component: string): Promise<void> {
  control(component, 'o')
  await promptly(`the supervisor of ${component} to leave it down`, () => stateNow(component).wanted !== 'up', 10_000)
}

/** SIGKILL, whoever brings it back; answers with the pid. */
export async function kill(component: string): Promise<number> {
  const { pid } = running(component)
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Also from its machine's next start on: a service that was left down at first is left so no longer. */
export async function start(component: string): Promise<Facts> {
  rmSync(`${services}/${component}/down`, { force: true })
  await promptly(`a supervisor of ${component}`, () => isSupervised(component), 10_000)
  control(component, 'u')
  const after = await promptly(
    `${component} to run`,
    () => {
      const now = stateNow(component)
      return now.pid !== 0 && now.wanted === 'up' ? now : undefined
    },
    10_000,
  )
  return { component, pid: after.pid, startedAt: after.startedAt, running: true }
}

export async function freeze(component: string): Promise<Facts> {
  const before = running(component)
  process.kill(before.pid, 'SIGSTOP')
  await becomes(component, true)
  return { component, pid: before.pid, startedAt: before.startedAt, frozen: true }
}

/** One that has ended meanwhile is not frozen. */
export async function thaw(component: string): Promise<Facts> {
  const before = stateNow(component)
  if (before.pid === 0) return { component, frozen: false, gone: true }
  process.kill(before.pid, 'SIGCONT')
  await becomes(component, false)
  return { component, pid: before.pid, startedAt: before.startedAt, frozen: false }
}

async function becomes(component: string, frozen: boolean): Promise<void> {
  await promptly(`${component} to ${frozen ? 'freeze' : 'thaw'}`, () => stateNow(component).frozen === frozen, 5_000)
}

function running(component: string): ComponentState {
  const now = stateNow(component)
  if (now.pid === 0) throw new Error(`${component} has no process`)
  return now
}

/**
 * Whether all of it is gone. A process is a zombie as soon as its first thread has ended: while others of its threads are at
 * their end, or wait for a disk, its files and ports are still open, and its supervisor knows nothing.
 */
export function hasEnded({ pid, startedAt }: Pick<ComponentState, 'pid' | 'startedAt'>): boolean {
  const now = statOf(pid)
  return now === undefined || now.startedAt !== startedAt || (now.state === 'Z' && now.threads <= 1)
}

/** Nobody is asked anything by a zombie: it does not run, however much of it is left. */
function processNow(pid: number): Stat | undefined {
  const now = statOf(pid)
  return now?.state === 'Z' ? undefined : now
}

/** The same for those who don't count microseconds. */
export async function processOf(pid: number): Promise<ReturnType<typeof processNow>> {
  return processNow(pid)
}

interface Stat {
  /** R, S, D, T, Z and so on. */
  readonly state: string
  readonly threads: number
  /** In clock ticks since boot. */
  readonly startedAt: string
}

/** From /proc/<pid>/stat (proc(5)); the name in parentheses may hold anything, so cut after the last one. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', threads: Number(fields[17]), startedAt: fields[19] ?? '' }
  } catch (error) {
    // An agent without a file to spare can't see a process; that does not end it.
    if (isAbsent(error)) return undefined
    throw error
  }
}

/**
 * A machine's agent may be there before its supervisors are: they make the pipe, or open the one that their predecessors left,
 * and then write their first status.
 */
function isSupervised(component: string): boolean {
  try {
    closeSync(openSync(controlOf(component), constants.O_WRONLY | constants.O_NONBLOCK))
    return statSync(statusOf(component)).size > 0
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENXIO') return false
    throw error
  }
}

function statusOf(component: string): string {
  return `${services}/${component}/supervise/status`
}

function controlOf(component: string): string {
  return `${services}/${component}/supervise/control`
}

/** Throws where nobody reads: waiting for a supervisor that has died would be waiting for ever. */
function control(component: string, command: 'o' | 'u'): void {
  const pipe = openSync(controlOf(component), constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    writeSync(pipe, command)
  } finally {
    closeSync(pipe)
  }
}
