import { $ } from 'zx'
import type { V1Node } from '@kubernetes/client-node'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { now } from '../record/clock.ts'
import type { RecordOf } from '../record/records.ts'
import type { Fault } from './fault.ts'
import type { Undo } from './undo.ts'

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
  const kubectl = async (argv: readonly string[], signal?: AbortSignal): Promise<RecordOf<'command'>> => {
    const record = await runKubectl(cluster, argv, signal)
    options.onCommand(record)
    return record
  }
  const cordoned = async (): Promise<boolean> => {
    const node = await cluster.kubernetes.read<V1Node>({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: machine.name },
    })
    return node.spec?.unschedulable === true
  }
  return {
    name: 'drain',
    target: { machines: [machine.name] },
    available: async () => ((await cordoned()) ? `${machine.name} is cordoned already` : undefined),
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
      return [{ proves: `${machine.name} is cordoned and was drained`, facts: { cordoned: true, exitCode, evicted } }]
    },
    heal: async () => {
      const { exitCode } = await kubectl(['uncordon', machine.name])
      if (await cordoned()) throw new Error(`${machine.name} is still cordoned`)
      return [{ proves: `${machine.name} takes pods again`, facts: { cordoned: false, exitCode } }]
    },
    undo: () => [uncordon(cluster, machine)],
  }
}

function uncordon({ controlPlane: [host] }: Cluster, machine: Machine): Undo {
  return { do: 'exec', machine: host?.name ?? '', argv: [...kubectlInMachine, 'uncordon', machine.name] }
}

/** kubectl as it is run inside a control-plane machine, with every right. */
const kubectlInMachine: readonly string[] = ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf']

/** kubectl out of the machine image, never the user's own. */
export async function runKubectl(
  cluster: Cluster,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<RecordOf<'command'>> {
  const [machine] = cluster.controlPlane
  if (!machine) throw new Error('a cluster without control-plane machine has nowhere to run kubectl')
  const command = [...kubectlInMachine, ...argv]
  const at = now()
  const { exitCode, stdout, stderr } = await $({
    nothrow: true,
    ...(signal ? { signal } : {}),
    quiet: true,
  })`docker exec ${machine.toolsId} ${command}`
  return {
    kind: 'command',
    at,
    endedAt: now(),
    machine: machine.name,
    argv: ['kubectl', ...argv],
    exitCode: exitCode ?? 255,
    stdout,
    stderr,
  }
}
