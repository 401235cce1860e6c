import { componentsOf } from '../cluster/components.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'
import type { Evidence } from '../record/records.ts'

/* What faults that hit a whole machine have in common: how it is seen from outside that it is down, and that it is back. */

/** A machine has many processes to start; how long that takes is the host's matter, not the fault's. */
const backWithinMs = 60_000

export async function runs(machine: Machine): Promise<string | undefined> {
  return (await machine.running()) ? undefined : `${machine.name} does not run`
}

/** Starts a machine that is off, and answers when each of its components has a process again. */
export async function switchedOn(machine: Machine): Promise<Evidence> {
  if (!(await machine.running())) await machine.start()
  return back(machine)
}

/** Every component that is to be up has a process: pods and leadership are the cluster's own matter. */
async function back(machine: Machine): Promise<Evidence> {
  await eventually(
    `every component of ${machine.name} to run`,
    async () => {
      for (const component of componentsOf(machine.spec)) {
        const { pid, wanted } = await machine.call('state', { component })
        if (wanted === 'up' && pid === 0) throw new Error(`${component} does not run yet`)
      }
      return true
    },
    { withinMs: backWithinMs, everyMs: 50 },
  )
  return {
    proves: `${machine.name} runs with all its components`,
    facts: { machine: machine.name, running: true, startedAt: await machine.startedAt() },
  }
}

export async function ended(machine: Machine): Promise<Evidence> {
  if (!(await machine.off())) throw new Error(`${machine.name} still runs`)
  return { proves: `the container of ${machine.name} has ended`, facts: { machine: machine.name, running: false } }
}
