import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { printed } from '../engine/look-in.ts'
import { requirePositive } from '../engine/settings.ts'

/** Keeps `cores` CPUs of a machine busy. */
export function hogCpu(machine: Machine, { cores = 1 }: { readonly cores?: number } = {}): Fault {
  return hog('hog-cpu', machine, { cores }, `CPUs of ${machine.name} are busy`)
}

/** Allocates `megabytes` MiB of memory on a machine. */
export function hogMemory(machine: Machine, { megabytes = 256 }: { readonly megabytes?: number } = {}): Fault {
  return hog('hog-memory', machine, { megabytes }, `memory of ${machine.name} is allocated`)
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
    ended: `the processes of the load on ${machine.name} and their cgroup are gone`,
  })
}

/** Why the machine does not have that much, or undefined. More would be taken from the host. */
async function tooMuch(
  machine: Machine,
  what: { readonly cores: number } | { readonly megabytes: number },
): Promise<string | undefined> {
  const figures = "nproc; awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo"
  const [cores, megabytes] = (await printed(machine, ['sh', '-c', figures])).trim().split('\n').map(Number)
  if (cores === undefined || megabytes === undefined)
    throw new Error(`${machine.name} did not report its CPUs and memory`)
  if ('cores' in what && what.cores > cores) return `${machine.name} has ${cores} CPUs, expected at least ${what.cores}`
  if ('megabytes' in what && what.megabytes > megabytes)
    return `${machine.name} has ${megabytes} MiB of free memory, expected at least ${what.megabytes}`
  return undefined
}

const ended = 'its processes are gone, and the cgroup is removed, which the kernel allows only when it is empty'

export const hogCpuKind = faultKind({
  name: 'hog-cpu',
  group: 'load',
  describe: 'Keeps CPUs of a machine busy, in a cgroup with that limit',
  hits: 'machine',
  evidence: {
    bit: 'the kernel has counted at least half of that CPU time in the cgroup, used or waited for',
    ended,
  },
  options: z.object({ cores: z.number().positive().max(64).default(1).describe('number of CPUs, fractions allowed') }),
  make: (machine, options) => hogCpu(machine, options),
})

export const hogMemoryKind = faultKind({
  name: 'hog-memory',
  group: 'load',
  describe: 'Allocates memory of a machine, in a cgroup with that limit',
  hits: 'machine',
  evidence: { bit: 'the kernel has counted that much memory in the cgroup', ended },
  options: z.object({
    megabytes: z.number().int().positive().default(256).describe('amount of memory in MiB'),
  }),
  make: (machine, options) => hogMemory(machine, options),
})
