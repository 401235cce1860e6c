import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import { agentFault } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { printed } from './look-in.ts'
import { requirePositive } from './settings.ts'

/** Keeps that many processors busy on a machine, against everything else that runs there. */
export function hogCpu(machine: Machine, { cores = 1 }: { readonly cores?: number } = {}): Fault {
  return hog('hog-cpu', machine, { cores }, `processors of ${machine.name} are kept busy`)
}

/** Holds that much memory on a machine. */
export function hogMemory(machine: Machine, { megabytes = 256 }: { readonly megabytes?: number } = {}): Fault {
  return hog('hog-memory', machine, { megabytes }, `memory of ${machine.name} is held`)
}

function hog(
  name: string,
  machine: Machine,
  what: { readonly cores: number } | { readonly megabytes: number },
  bit: string,
): Fault {
  requirePositive(name, what)
  return agentFault({
    name,
    target: { machines: [machine.name] },
    machine,
    action: (lease, ttlMs) => ({ do: 'hog', params: { name: `holdfast-${lease}`, ttlMs, ...what } }),
    available: () => tooMuch(machine, what),
    bit,
    ended: `what used up ${machine.name} is gone, and its control group too`,
  })
}

/** Why the machine can't be made to give that much, or undefined. What it has not got would be taken from the host. */
async function tooMuch(
  machine: Machine,
  what: { readonly cores: number } | { readonly megabytes: number },
): Promise<string | undefined> {
  const figures = "nproc; awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo"
  const [cores, megabytes] = (await printed(machine, ['sh', '-c', figures])).trim().split('\n').map(Number)
  if (cores === undefined || megabytes === undefined) throw new Error(`${machine.name} does not tell what it has`)
  if ('cores' in what && what.cores > cores) return `${machine.name} has ${cores} processors`
  if ('megabytes' in what && what.megabytes > megabytes)
    return `${machine.name} has ${megabytes} MiB of memory to spare`
  return undefined
}

const ended = 'its processes are gone, and the control group is removed, which a kernel does only when it is empty'

export const hogCpuKind = faultKind({
  name: 'hog-cpu',
  group: 'load',
  describe: 'Keeps processors of a machine busy, in a control group that limits it to what was asked for',
  hits: 'machine',
  evidence: {
    bit: 'the kernel has counted at least half of that much processor time in the group, used or waited for while others had it',
    ended,
  },
  options: z.object({ cores: z.number().positive().max(64).default(1).describe('how many processors, also in part') }),
  make: (machine, options) => hogCpu(machine, options),
})

export const hogMemoryKind = faultKind({
  name: 'hog-memory',
  group: 'load',
  describe: 'Holds memory of a machine, in a control group that limits it to what was asked for',
  hits: 'machine',
  evidence: { bit: 'the kernel has counted that much memory in the group', ended },
  options: z.object({
    megabytes: z.number().int().positive().default(256).describe('how much memory, in units of 1024 times 1024 bytes'),
  }),
  make: (machine, options) => hogMemory(machine, options),
})
