import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { RecordOf } from '../../record/records.ts'
import type { FaultBody } from '../engine/fault.ts'
import { type FaultContext, defineFault } from '../engine/fault-kind.ts'
import { drainCommand, runKubectl, undoByKubectl } from './kubectl.ts'
import { isCordoned } from './node.ts'

/** Added to kubectl's own timeout: for its start and its last request. */
const kubectlMs = 60_000

/** Runs `kubectl drain` of the cluster's version on a control-plane machine. Reverting runs `kubectl uncordon`. */
export const drain = defineFault({
  name: 'drain',
  describe: 'Drains a Node with `kubectl drain`, subject to disruption budgets',
  hits: 'machine',
  evidence: {
    confirmed: 'the Node is unschedulable; the facts contain the number of evicted pods and the exit code of kubectl',
    cleared: 'the Node is schedulable again',
  },
  options: z.object({
    timeoutSeconds: z.number().positive().default(120).describe('timeout of kubectl'),
  }),
  create: (machine, { timeoutSeconds }, context) => drainFault(machine, timeoutSeconds, context),
})

function drainFault(machine: Machine, timeoutSeconds: number, { cluster, signal, emit }: FaultContext): FaultBody {
  const kubectl = async (argv: readonly string[], ends?: AbortSignal): Promise<RecordOf<'command'>> => {
    // kubectl ends at its own timeout, unless it hangs.
    const late = AbortSignal.timeout(timeoutSeconds * 1000 + kubectlMs)
    const record = await runKubectl(cluster, argv, ends ? AbortSignal.any([ends, late]) : late)
    emit(record)
    return record
  }
  const cordoned = (): Promise<boolean> => isCordoned(cluster, machine)
  return {
    target: { machines: [machine.name] },
    claims: [`${machine.name}/cordon`],
    available: async () => {
      if (!machine.node) return `${machine.name} is not a Node`
      return (await cordoned()) ? `${machine.name} is already cordoned` : undefined
    },
    inject: async () => {
      const { exitCode, stdout } = await kubectl(drainCommand(machine.name, timeoutSeconds), signal)
      if (!(await cordoned())) throw new Error(`${machine.name} is not cordoned after kubectl drain`)
      const evicted = stdout.split('\n').filter((line) => line.endsWith('evicted')).length
      const how = exitCode === 0 ? 'drained' : `partly drained: kubectl exited with ${exitCode}`
      return [{ proves: `${machine.name} is cordoned and ${how}`, facts: { cordoned: true, exitCode, evicted } }]
    },
    heal: async () => {
      const { exitCode } = await kubectl(['uncordon', machine.name])
      if (await cordoned()) throw new Error(`${machine.name} is still cordoned`)
      return [{ proves: `${machine.name} is schedulable again`, facts: { cordoned: false, exitCode } }]
    },
    undo: () => [undoByKubectl(cluster, ['uncordon', machine.name])],
  }
}
