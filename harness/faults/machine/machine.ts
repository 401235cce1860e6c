import { componentsOf } from '../../cluster/components.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { Evidence } from '../../record/records.ts'

/* Shared by faults of whole machines: evidence that a machine is down, and that it runs again. */

/** A machine starts many processes; the time depends on the host. */
const backWithinMs = 60_000

export async function runs(machine: Machine): Promise<string | undefined> {
  return (await machine.running()) ? undefined : `${machine.name} is not running`
}

/** Starts a machine if it is off, and waits until each of its components has a process. */
export async function switchedOn(machine: Machine): Promise<Evidence> {
  if (!(await machine.running())) await machine.start()
  return back(machine)
}

/** Waits until every wanted component has a process. Pods and leadership are not part of the reversal. */
async function back(machine: Machine): Promise<Evidence> {
  await eventually(
    `every component of ${machine.name} to run`,
    async () => {
      for (const component of componentsOf(machine.spec)) {
        const { pid, wanted } = await machine.call('state', { component })
        if (wanted === 'up' && pid === 0) throw new Error(`${component} has no process yet`)
      }
      return true
    },
    { timeoutMs: backWithinMs, intervalMs: 50 },
  )
  return {
    proves: `${machine.name} runs with all its components`,
    facts: { machine: machine.name, running: true, startedAt: await machine.startedAt() },
  }
}

export async function ended(machine: Machine): Promise<Evidence> {
  if (!(await machine.off())) throw new Error(`${machine.name} is still running`)
  return { proves: `the container of ${machine.name} has ended`, facts: { machine: machine.name, running: false } }
}
