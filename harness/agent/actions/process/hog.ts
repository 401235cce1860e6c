import { readFile } from 'node:fs/promises'
import { agentAction } from '../action.ts'
import { endInBackground, startInBackground } from '../../processes/background.ts'
import { type Allowance, joinAndRun, makeGroup, removeGroup, usage, waited } from '../../kernel/own-cgroup.ts'
import { eventually } from '../../../common/eventually.ts'

interface Params extends Allowance {
  /** Names the cgroup and the process; unique for each fault. */
  readonly name: string
  readonly ttlMs: number
}

const effectWithinMs = 20_000
/** Share of its allowance. Time spent waiting for a busy processor counts too, because the process competes for it. */
const enough = 0.5
/** A process that ran for less does not compete. */
const leastMs = 20
const mebibyte = 1024 * 1024

/** Allocates memory page by page, so that it is resident. */
const memoryHog = 'const held = Buffer.alloc(Number(process.argv[1]), 1); setInterval(() => held.length, 60_000)'

/**
 * Uses up processors or memory in its own cgroup, which limits it to its allowance. It ends by itself when its TTL ends,
 * even without the agent.
 * Effect confirmed when the kernel has counted what the group used or waited for.
 */
export const hog = agentAction({
  name: 'hog',
  do: async ({ name, ttlMs, cores, megabytes }: Params) => {
    await makeGroup(name, { cores, megabytes })
    const seconds = String(Math.ceil(ttlMs / 1000))
    const busy = 'i=0; while [ $i -lt "$1" ]; do while :; do :; done & i=$((i + 1)); done; wait'
    const program =
      cores !== undefined
        ? ['sh', '-c', busy, 'holdfast-hog', String(Math.ceil(cores))]
        : [process.execPath, '--eval', memoryHog, String((megabytes ?? 0) * mebibyte)]
    const { pid } = await startInBackground(name, joinAndRun(name, ['timeout', '--signal=KILL', seconds, ...program]))
    const before = await usage(name)
    const began = performance.now()
    const seen = await eventually(
      'the hog to use its allowance',
      async () => {
        const [{ cpuMs, bytes }, waitedMs] = [await usage(name), await waited(name)]
        const ms = performance.now() - began
        const [usedMs, keptMs] = [Math.round(cpuMs - before.cpuMs), Math.round(waitedMs)]
        const used = { cpuMs: usedMs, waitedMs: keptMs, overMs: Math.round(ms), bytes }
        if (cores !== undefined) return ms >= 500 && usedMs >= leastMs && usedMs + keptMs >= enough * cores * ms && used
        return bytes >= (megabytes ?? 0) * mebibyte && used
      },
      { timeoutMs: effectWithinMs },
    )
    return { group: name, pid, ...seen }
  },
  undo: async ({ name }) => {
    const ended = await endInBackground(name)
    const removed = await removeGroup(name)
    return { group: name, ended, removed }
  },
  evidence: async ({ name }) => ({ ...(await usage(name)), load: (await readFile('/proc/loadavg', 'utf8')).trim() }),
})
