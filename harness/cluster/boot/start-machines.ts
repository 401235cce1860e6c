import type { Machine } from '../machine/machine.ts'
import type { MachineSpec } from '../machine/machine-spec.ts'
import { startMachine } from '../machine/start-machine.ts'
import type { BootContext } from './boot-context.ts'
import type { BootPlan } from './plan.ts'
import { criticalMachines, lowPriority } from './cpu-shares.ts'

export interface MachineStarts {
  /** Each machine by its name, once it is started. */
  readonly byName: ReadonlyMap<string, Promise<Machine>>
  /** Resolves once all machines are started. */
  readonly all: Promise<void>
}

/** Starts the machines that all others wait for, and then the others. */
export function startMachines(
  { machines: planned, startOptions }: Pick<BootPlan, 'machines' | 'startOptions'>,
  { machines, seen }: Pick<BootContext, 'machines' | 'seen'>,
): MachineStarts {
  const start = async (spec: MachineSpec, shares: { readonly shares?: number }): Promise<Machine> => {
    const machine = await startMachine(spec, { ...startOptions(spec), ...shares })
    machines.push(machine)
    return machine
  }
  const first = criticalMachines(planned)
  const starts = new Map(first.map((spec) => [spec.name, start(spec, {})]))
  const firstStarted = Promise.all(starts.values())
  for (const spec of planned.filter((one) => !first.includes(one))) {
    starts.set(
      spec.name,
      firstStarted.then(() => start(spec, lowPriority)),
    )
  }
  const all = Promise.all([firstStarted, ...starts.values()]).then(() => {
    machines.sort((a, b) => a.spec.index - b.spec.index)
    seen(`${machines.length} machines started`)
  })
  return { byName: starts, all }
}
