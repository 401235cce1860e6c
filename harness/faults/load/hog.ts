import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import { outputOf } from '../engine/machine-output.ts'

/** Amount of a machine's CPUs or memory. */
type Amount = { readonly cores: number } | { readonly megabytes: number }

export function hogFault(machine: Machine, what: Amount, confirmed: string): FaultBody {
  return agentFault({
    target: { machines: [machine.name] },
    machine,
    action: (id, ttlMs) => ({ do: 'hog', params: { name: `holdfast-${id}`, ttlMs, ...what } }),
    available: () => tooMuch(machine, what),
    confirmed,
    cleared: `the processes of the load on ${machine.name} and their cgroup are gone`,
  })
}

/** Why the machine does not have that much, or undefined. More would be taken from the host. */
async function tooMuch(machine: Machine, what: Amount): Promise<string | undefined> {
  const figures = "nproc; awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo"
  const [cores, megabytes] = (await outputOf(machine, ['sh', '-c', figures])).trim().split('\n').map(Number)
  if (cores === undefined || megabytes === undefined)
    throw new Error(`${machine.name} did not report its CPUs and memory`)
  if ('cores' in what && what.cores > cores) return `${machine.name} has ${cores} CPUs, expected at least ${what.cores}`
  if ('megabytes' in what && what.megabytes > megabytes)
    return `${machine.name} has ${megabytes} MiB of free memory, expected at least ${what.megabytes}`
  return undefined
}

export const hogEnded =
  'its processes are gone, and the cgroup is removed, which the kernel allows only when it is empty'
