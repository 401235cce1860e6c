import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'

const tickMs = 1_000
const everyMs = 2_000

interface Counters {
  readonly at: number
  readonly busy: number
  readonly steal: number
  readonly total: number
  readonly runnable: number
  /** Microseconds in which some task waited for a processor; undefined on a kernel without PSI. */
  readonly waitedUs: number | undefined
}

/** Records the load of this host, so that contracts can distinguish a late cluster from a late host. */
export class HostLoad implements Disposable {
  readonly #emit: (record: JournalRecord) => void
  readonly #timer: NodeJS.Timeout
  #due = now() + tickMs
  #latestMs = 0
  #recordedAt = now()
  #before: Counters | undefined

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
    this.#timer = setInterval(() => void this.#tick(), tickMs)
    void counters().then((first) => (this.#before = first))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  async #tick(): Promise<void> {
    const at = now()
    this.#latestMs = Math.max(this.#latestMs, at - this.#due)
    this.#due = at + tickMs
    if (at - this.#recordedAt < everyMs - tickMs / 2) return
    const [since, latestMs] = [this.#recordedAt, this.#latestMs]
    this.#recordedAt = at
    this.#latestMs = 0
    const shares = await this.#shares()
    const cores = availableParallelism()
    this.#emit({ kind: 'host', at, everyMs: at - since, latestMs: Math.max(0, latestMs), cores, ...shares })
  }

  async #shares(): Promise<{ runnable?: number; busy?: number; steal?: number; pressure?: number }> {
    const [before, after] = [this.#before, await counters()]
    this.#before = after
    if (!before || !after || after.total <= before.total) return {}
    const share = (of: 'busy' | 'steal'): number => (after[of] - before[of]) / (after.total - before.total)
    const waited = (after.waitedUs ?? NaN) - (before.waitedUs ?? NaN)
    const pressure = Math.min(1, waited / 1_000 / (after.at - before.at))
    return {
      runnable: after.runnable,
      busy: share('busy'),
      steal: share('steal'),
      ...(Number.isFinite(pressure) ? { pressure } : {}),
    }
  }
}

/** Undefined on a host without /proc; without PSI only the last counter is missing. */
async function counters(): Promise<Counters | undefined> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const [stat, pressure] = await Promise.all([read('/proc/stat'), read('/proc/pressure/cpu')])
  const cpu = /^cpu +(.+)$/m.exec(stat)?.[1]?.split(' ').map(Number)
  if (!cpu) return undefined
  // user, nice, system, idle, iowait, irq, softirq, steal; the time of guests is part of user and nice.
  const times = cpu.slice(0, 8)
  const [, , , idle = 0, waiting = 0, , , steal = 0] = times
  const total = times.reduce((sum, one) => sum + one, 0)
  const waited = /^some .*total=(\d+)/m.exec(pressure)?.[1]
  return {
    at: now(),
    total,
    steal,
    busy: total - idle - waiting,
    runnable: Number(/^procs_running (\d+)/m.exec(stat)?.[1] ?? 0),
    waitedUs: waited === undefined ? undefined : Number(waited),
  }
}
