import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { isAbsent, unlessAbsent } from '../ttl/absence.ts'
import { endInBackground, startInBackground } from '../processes/background.ts'
import { command } from '../processes/command.ts'
import { processOf } from '../processes/supervisor.ts'

/** When a file system is frozen: all the time, or in turns. */
interface Freezing {
  readonly path: string
  readonly ttlMs: number
  /** If set, it is frozen and thawed in turns, which makes a disk slow instead of stuck. */
  readonly turns?: { readonly frozenMs: number; readonly thawedMs: number } | undefined
}

/**
 * Freezes a file system, and thaws it in any case: a separate process in its own session. It thaws and ends when its TTL
 * ends or the agent that started it is gone, which it checks five times a second. It writes to nothing that it freezes. A
 * shell, because it has to survive all other programs.
 * Arguments: path, agent's pid, agent's start in ticks, seconds, seconds frozen, seconds thawed (both or none).
 */
const script = `
path=$1 agent=$2 started=$3 frozen=$5 thawed=$6
now() { read -r up _ < /proc/uptime; now=\${up%.*}; }
now; end=$((now + $4))
trap 'fsfreeze -u "$path"; exit 0' TERM INT HUP
agent_lives() {
  read -r stat < /proc/$agent/stat || return 1
  set -- \${stat##*) }
  [ "\${20}" = "$started" ]
} 2>/dev/null
[ -n "$frozen" ] || fsfreeze -f "$path"
while agent_lives && now && [ $now -lt $end ]; do
  if [ -n "$frozen" ]; then
    fsfreeze -f "$path"; sleep $frozen; fsfreeze -u "$path"; sleep $thawed
  else
    sleep 0.2
  fi
done
fsfreeze -u "$path"
`

const name = 'freeze-watchdog'

export async function startFreezing({ path, ttlMs, turns }: Freezing): Promise<number> {
  const seconds = (ms: number): string => String(ms / 1000)
  const self = await processOf(process.pid)
  const args = [path, String(process.pid), self?.startedAt ?? '', String(Math.ceil(ttlMs / 1000))]
  if (turns) args.push(seconds(turns.frozenMs), seconds(turns.thawedMs))
  return (await startInBackground(name, ['sh', '-c', script, 'holdfast-freeze', ...args])).pid
}

/**
 * Thaws at once, then ends the watchdog with its children, and thaws again: a freeze in progress completes first, and would
 * otherwise outlast the thaw. Resolves to false when there was nothing to thaw.
 */
export async function stopFreezing(path: string): Promise<boolean> {
  const thawed = await thaw(path)
  await endInBackground(name)
  return (await thaw(path)) || thawed
}

/** Errors of fsfreeze for a file system that is not frozen, and for a missing path. */
const nothingToThaw =
  /^fsfreeze: fsfreeze: (cannot open \S+: No such file or directory|\S+: unfreeze failed: Invalid argument)$/

/** False when it was not frozen, or does not exist. @throws when it can't be thawed */
async function thaw(path: string): Promise<boolean> {
  try {
    await command('fsfreeze', ['-u', path])
    return true
  } catch (error) {
    if (error instanceof Error && nothingToThaw.test(error.message)) return false
    throw error
  }
}

/** Counts the threads of a process that wait in the kernel for a frozen file system: their writes are not stored. */
export async function stuckThreads(pid: number): Promise<number> {
  const threads = (await unlessAbsent(readdir(`/proc/${pid}/task`))) ?? []
  return threads.filter((thread) => isStuck(`/proc/${pid}/task/${thread}`)).length
}

function isStuck(thread: string): boolean {
  try {
    const stat = readFileSync(`${thread}/stat`, 'utf8')
    const sleepsHard = stat.slice(stat.lastIndexOf(')') + 2).startsWith('D')
    return sleepsHard && readFileSync(`${thread}/wchan`, 'utf8').includes('percpu_rwsem')
  } catch (error) {
    // The thread has ended meanwhile.
    if (isAbsent(error)) return false
    throw error
  }
}
