import { closeSync, constants, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsent } from '../ttl/absence.ts'
import { eventuallyFast } from '../kernel/eventually-fast.ts'
import { now } from '../../record/clock.ts'
import type { ComponentState, Facts } from '../rpc/results.ts'

const services = '/opt/holdfast/sv'
/** On SIGTERM an API server closes its watches over up to a minute. */
const endsWithinMs = 90_000
/** Linux reports process times in ticks of a hundredth of a second, independently of the kernel's own ticks. */
const msPerTick = 10

/**
 * One supervised component. runit's control pipe and status file are accessed directly: a fraction of a millisecond each,
 * where starting `sv` would cost several. Reads are synchronous, because the files are short and in memory: handing them to
 * another thread takes ten times as long.
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

/** @throws when it does not run: an empty list would be a different command line */
export async function commandLine(component: string): Promise<string[]> {
  const { pid } = running(component)
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter((word) => word !== '')
}

export async function end(component: string, signal: NodeJS.Signals, stay: boolean): Promise<Facts> {
  const before = running(component)
  if (stay) await leaveDown(component)
  process.kill(before.pid, signal)
  await eventuallyFast(`process ${before.pid} to end`, () => hasEnded(before), endsWithinMs)
  return { component, signal, pid: before.pid, startedAt: before.startedAt, ended: true, stays: stay }
}

/** A supervisor that receives this only after the process has ended starts it once more, so it has to be first. */
async function leaveDown(component: string): Promise<void> {
  control(component, 'o')
  await eventuallyFast(
    `the supervisor of ${component} to leave it down`,
    () => stateNow(component).wanted !== 'up',
    10_000,
  )
}

/** Sends SIGKILL, also where the supervisor restarts the component; returns the pid. */
export async function kill(component: string): Promise<number> {
  const { pid } = running(component)
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Starts it, also from its machine's next start on: a service that was left down at first is not any more. */
export async function start(component: string): Promise<Facts> {
  rmSync(`${services}/${component}/down`, { force: true })
  await eventuallyFast(`a supervisor of ${component}`, () => isSupervised(component), 10_000)
  control(component, 'u')
  const after = await eventuallyFast(
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

/** A component that has ended meanwhile is not frozen. */
export async function thaw(component: string): Promise<Facts> {
  const before = stateNow(component)
  if (before.pid === 0) return { component, frozen: false, gone: true }
  process.kill(before.pid, 'SIGCONT')
  await becomes(component, false)
  return { component, pid: before.pid, startedAt: before.startedAt, frozen: false }
}

async function becomes(component: string, frozen: boolean): Promise<void> {
  await eventuallyFast(
    `${component} to ${frozen ? 'freeze' : 'thaw'}`,
    () => stateNow(component).frozen === frozen,
    5_000,
  )
}

function running(component: string): ComponentState {
  const now = stateNow(component)
  if (now.pid === 0) throw new Error(`${component} has no process`)
  return now
}

/**
 * Returns whether all of the process is gone. A process is a zombie as soon as its first thread has ended: while other
 * threads are ending or wait for a disk, its files and ports are still open, and its supervisor does not notice.
 */
export function hasEnded({ pid, startedAt }: Pick<ComponentState, 'pid' | 'startedAt'>): boolean {
  const now = statOf(pid)
  return now === undefined || now.startedAt !== startedAt || (now.state === 'Z' && now.threads <= 1)
}

/** Undefined for a zombie: it does not run, even while some of its threads are left. */
function processNow(pid: number): Stat | undefined {
  const now = statOf(pid)
  return now?.state === 'Z' ? undefined : now
}

/** The same as a promise, for callers that don't count microseconds. */
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
    // An agent without a free file descriptor can't read a process; that does not mean its end.
    if (isAbsent(error)) return undefined
    throw error
  }
}

/**
 * An agent may run before the supervisors do: they make the pipe, or open the one that earlier supervisors left, and then
 * write their first status.
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

/** Throws when the pipe has no reader: waiting for a dead supervisor would never end. */
function control(component: string, command: 'o' | 'u'): void {
  const pipe = openSync(controlOf(component), constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    writeSync(pipe, command)
  } finally {
    closeSync(pipe)
  }
}
