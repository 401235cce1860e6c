import { readFile, rm, writeFile } from 'node:fs/promises'
import { eventually } from '../../eventually.ts'
import { now } from '../../record/clock.ts'
import type { ComponentState, Facts } from './protocol.ts'

const services = '/opt/holdfast/sv'
/** Linux tells process times in ticks of a hundredth of a second, whatever the kernel's own. */
const msPerTick = 10

/**
 * One supervised component. runit's control pipe and status file are read and written directly: a fraction of a
 * millisecond each, where starting `sv` would cost several.
 * Status layout: https://manpages.debian.org/bookworm/runit/runsv.8.en.html (bytes 12-15 pid, 16 paused, 17 wanted).
 */
export async function state(component: string): Promise<ComponentState> {
  const status = await readFile(`${services}/${component}/supervise/status`)
  const pid = status.readUInt32LE(12)
  const wanted = String.fromCharCode(status.readUInt8(17))
  const process = pid === 0 ? undefined : await processOf(pid)
  return {
    pid: process ? pid : 0,
    startedAt: process?.startedAt ?? '',
    ageMs: process ? now() - Number(process.startedAt) * msPerTick : 0,
    wanted: wanted === 'u' ? 'up' : wanted === 'd' ? 'down' : 'once',
    frozen: process?.state === 'T',
  }
}

export async function commandLine(component: string): Promise<string[]> {
  const { pid } = await state(component)
  if (pid === 0) return []
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter((word) => word !== '')
}

export async function end(component: string, signal: NodeJS.Signals, stay: boolean): Promise<Facts> {
  const before = await running(component)
  if (stay) await control(component, 'o')
  process.kill(before.pid, signal)
  await eventually(`process ${before.pid} to end`, async () => !(await isSame(before)), {
    everyMs: 1,
    withinMs: 30_000,
  })
  return { component, signal, pid: before.pid, startedAt: before.startedAt, ended: true, stays: stay }
}

/** SIGKILL, whoever brings it back; answers with the pid. */
export async function kill(component: string): Promise<number> {
  const { pid } = await running(component)
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Also from its machine's next start on: a service that was left down at first is left so no longer. */
export async function start(component: string): Promise<Facts> {
  await rm(`${services}/${component}/down`, { force: true })
  await control(component, 'u')
  const after = await eventually(
    `${component} to run`,
    async () => {
      const now = await state(component)
      return now.pid !== 0 && now.wanted === 'up' ? now : undefined
    },
    { everyMs: 2, withinMs: 10_000 },
  )
  return { component, pid: after.pid, startedAt: after.startedAt, running: true }
}

export async function freeze(component: string): Promise<Facts> {
  const before = await running(component)
  process.kill(before.pid, 'SIGSTOP')
  await becomes(component, true)
  return { component, pid: before.pid, startedAt: before.startedAt, frozen: true }
}

/** One that has ended meanwhile is not frozen. */
export async function thaw(component: string): Promise<Facts> {
  const before = await state(component)
  if (before.pid === 0) return { component, frozen: false, gone: true }
  process.kill(before.pid, 'SIGCONT')
  await becomes(component, false)
  return { component, pid: before.pid, startedAt: before.startedAt, frozen: false }
}

async function becomes(component: string, frozen: boolean): Promise<void> {
  await eventually(
    `${component} to ${frozen ? 'freeze' : 'thaw'}`,
    async () => (await state(component)).frozen === frozen,
    { everyMs: 1, withinMs: 5_000 },
  )
}

async function running(component: string): Promise<ComponentState> {
  const now = await state(component)
  if (now.pid === 0) throw new Error(`${component} has no process to hit`)
  return now
}

async function isSame({ pid, startedAt }: ComponentState): Promise<boolean> {
  const now = await processOf(pid)
  return now !== undefined && now.startedAt === startedAt
}

/**
 * State letter and start time from /proc/<pid>/stat; the name in parentheses may hold anything, so cut after the last one.
 * A zombie has ended: its parent has only not asked yet.
 */
export async function processOf(pid: number): Promise<{ state: string; startedAt: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = ''] = fields ?? []
  return fields && state !== 'Z' ? { state, startedAt: fields[19] ?? '' } : undefined
}

async function control(component: string, command: 'o' | 'u' | 'd'): Promise<void> {
  await writeFile(`${services}/${component}/supervise/control`, command)
}
