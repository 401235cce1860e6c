import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { RecordOf } from '../../record/records.ts'
import { isCordoned } from './cordon.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { runKubectl, undoByKubectl } from './kubectl.ts'
import { requirePositive } from '../engine/settings.ts'

/** Added to kubectl's own timeout: for its start and its last request. */
const kubectlMs = 60_000

/**
 * Runs `kubectl drain` of the cluster's version on a control-plane machine. Reverting runs `kubectl uncordon`. `onCommand`
 * receives the record of each command, also of a failed one.
 */
export function drain(
  cluster: Cluster,
  machine: Machine,
  options: {
    readonly timeoutSeconds: number
    readonly signal: AbortSignal
    readonly onCommand: (record: RecordOf<'command'>) => void
  },
): Fault {
  requirePositive('drain', { timeoutSeconds: options.timeoutSeconds })
  const kubectl = async (argv: readonly string[], signal?: AbortSignal): Promise<RecordOf<'command'>> => {
    // kubectl ends at its own timeout, unless it hangs.
    const late = AbortSignal.timeout(options.timeoutSeconds * 1000 + kubectlMs)
    const record = await runKubectl(cluster, argv, signal ? AbortSignal.any([signal, late]) : late)
    options.onCommand(record)
    return record
  }
  const cordoned = (): Promise<boolean> => isCordoned(cluster, machine)
  return {
    name: 'drain',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/cordon`],
    available: async () =>
      !machine.node
        ? `${machine.name} is not a Node`
        : (await cordoned())
          ? `${machine.name} is already cordoned`
          : undefined,
    inject: async () => {
      const { exitCode, stdout } = await kubectl(
        [
          'drain',
          machine.name,
          '--ignore-daemonsets',
          '--delete-emptydir-data',
          '--force',
          `--timeout=${options.timeoutSeconds}s`,
        ],
        options.signal,
      )
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

export const drainKind = faultKind({
  name: 'drain',
  group: 'API',
  describe: 'Drains a Node with `kubectl drain`, subject to disruption budgets',
  hits: 'machine',
  evidence: {
    bit: 'the Node is unschedulable; the facts contain the number of evicted pods and the exit code of kubectl',
    ended: 'the Node is schedulable again',
  },
  options: z.object({
    timeoutSeconds: z.number().positive().default(120).describe('timeout of kubectl'),
  }),
  make: (machine, options, { cluster, signal, emit }) =>
    drain(cluster, machine, { ...options, signal, onCommand: emit }),
})
