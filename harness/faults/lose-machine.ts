import type { Machine } from '../cluster/machine.ts'
import type { Fault } from './fault.ts'

/** Ends a machine like a power cut, for good: nothing brings it back but the end of the cluster. */
export function loseMachine(machine: Machine): Fault {
  return {
    name: 'lose-machine',
    target: { machines: [machine.name] },
    permanent: true,
    available: async () => ((await machine.running()) ? undefined : `${machine.name} does not run`),
    inject: async () => {
      await machine.kill()
      if (await machine.running()) throw new Error(`${machine.name} still runs after SIGKILL`)
      return [
        { proves: `the container of ${machine.name} has ended`, facts: { machine: machine.name, running: false } },
      ]
    },
    heal: () => Promise.resolve([]),
    undo: () => [],
  }
}
