import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import type { RecordOf } from '../record/records.ts'
import { isCordoned } from './cordon.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { runKubectl, undoByKubectl } from './kubectl.ts'
import { requirePositive } from './settings.ts'

/** On top of what kubectl is given: to start it, and for its last answer. */
const kubectlMs = 60_000

/**
 * A person's own way to empty a node: the real `kubectl drain`, of the cluster's own version, run on a control-plane
 * machine. Healed by `kubectl uncordon`. `onCommand` gets the command's output whether or not it succeeded.
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
    // kubectl ends by itself when its time is up: one that hangs does not.
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
        ? `${machine.name} is no Node`
        : (await cordoned())
          ? `${machine.name} is cordoned already`
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
      const how = exitCode === 0 ? 'was drained' : `was not drained to the end: kubectl ended with ${exitCode}`
      return [{ proves: `${machine.name} is cordoned and ${how}`, facts: { cordoned: true, exitCode, evicted } }]
    },
    heal: async () => {
      const { exitCode } = await kubectl(['uncordon', machine.name])
      if (await cordoned()) throw new Error(`${machine.name} is still cordoned`)
      return [{ proves: `${machine.name} takes pods again`, facts: { cordoned: false, exitCode } }]
    },
    undo: () => [undoByKubectl(cluster, ['uncordon', machine.name])],
  }
}

export const drainKind = faultKind({
  name: 'drain',
  group: 'API',
  describe: 'Empties a Node with `kubectl drain`, under whatever disruption budgets there are',
  hits: 'machine',
  evidence: {
    bit: 'the Node is unschedulable; what was evicted, and how kubectl ended, is told',
    ended: 'the Node is schedulable again',
  },
  options: z.object({
    timeoutSeconds: z.number().positive().default(120).describe('how long kubectl goes on trying to evict'),
  }),
  make: (machine, options, { cluster, signal, emit }) =>
    drain(cluster, machine, { ...options, signal, onCommand: emit }),
})
