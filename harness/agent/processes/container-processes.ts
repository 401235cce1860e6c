import { readFile } from 'node:fs/promises'
import { eventually } from '../../common/eventually.ts'
import { isAbsent, unlessAbsent } from '../ttl/absence.ts'
import { folderOf } from '../kernel/cgroups.ts'
import type { Container, Facts } from '../rpc/results.ts'
import { containers } from './runtime-containers.ts'
import { hasEnded, processOf } from './supervisor.ts'

export interface Wanted {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

export async function endContainer(wanted: Wanted, signal: 'SIGKILL' | 'SIGTERM'): Promise<Facts> {
  const found = await requireRunning(wanted)
  process.kill(found.pid, signal)
  await eventually(`process ${found.pid} of ${wanted.container} to end`, () => hasEnded(found), {
    intervalMs: 1,
    timeoutMs: 30_000,
  })
  const { namespace, pod, container } = wanted
  return {
    namespace,
    pod,
    container,
    id: found.id,
    pid: found.pid,
    startedAt: found.startedAt,
    signal,
    ended: true,
    stays: false,
  }
}

/** Freezes or thaws a container's processes. A missing container counts as thawed. */
export async function freezeContainer(wanted: Wanted, frozen: boolean): Promise<Facts> {
  const found = frozen ? await requireRunning(wanted) : await find(wanted)
  if (!found) return { ...wanted, frozen: false, gone: true }
  await eventually(
    `${wanted.container} to ${frozen ? 'freeze' : 'thaw'}`,
    async () => {
      // Listed each time: the container may have started other processes meanwhile.
      const pids = await processesOf(found)
      if (frozen && pids.length === 0) throw new Error(`${wanted.container} has ended`)
      for (const pid of pids) sendSignal(pid, frozen ? 'SIGSTOP' : 'SIGCONT')
      const states = await Promise.all(pids.map(async (pid) => (await processOf(pid))?.state))
      return states.every((state) => state === undefined || (state === 'T') === frozen)
    },
    { intervalMs: 1, timeoutMs: 5_000 },
  )
  return { ...wanted, id: found.id, pid: found.pid, startedAt: found.startedAt, frozen }
}

/** A process that has ended since the lookup needs no signal. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

export async function requireRunning(wanted: Wanted): Promise<Container> {
  const found = await find(wanted)
  if (found) return found
  throw new Error(`no container ${wanted.container} of pod ${wanted.namespace}/${wanted.pod} runs on this machine`)
}

export async function find({ namespace, pod, container }: Wanted): Promise<Container | undefined> {
  return (await containers()).find((one) => one.namespace === namespace && one.pod === pod && one.name === container)
}

/** Returns the processes in the cgroup of its first process: the runtime makes one for each container. None once it has ended. */
async function processesOf(container: Container): Promise<number[]> {
  const folder = await folderOf(container.pid, 'pids')
  if (folder === undefined) {
    if (hasEnded(container)) return []
    throw new Error(
      `process ${container.pid} has no cgroup of its own: the other processes of its container are unknown`,
    )
  }
  const text = (await unlessAbsent(readFile(`${folder}/cgroup.procs`, 'utf8'))) ?? ''
  const pids = text.split('\n').map(Number)
  return pids.filter((one) => one > 0)
}
