import type { KubernetesObject } from '@kubernetes/client-node'
import type { Cluster } from '../../cluster/cluster.ts'
import { engine } from '../../cluster/machine/engine.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { execInContainer } from '../../cluster/machine/run-in-container.ts'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import type { Undo } from '../engine/undo.ts'

/** kubectl inside a control-plane machine, as cluster administrator. */
const kubectlInMachine: readonly string[] = ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf']

/**
 * Runs kubectl of the machine image on the first running control-plane machine. The record contains its exit code.
 * @throws when kubectl can't be started, and the signal's reason
 */
export async function runKubectl(
  cluster: Cluster,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<RecordOf<'command'>> {
  const machine = await runningControlPlane(cluster)
  const at = now()
  const container = (await engine()).getContainer(machine.toolsId)
  const result = await execInContainer(container, [...kubectlInMachine, ...argv], signal)
  return { kind: 'command', at, endedAt: now(), machine: machine.name, argv: ['kubectl', ...argv], ...result }
}

/** Arguments that drain a Node of all pods but those of DaemonSets. */
export function drainCommand(node: string, timeoutSeconds: number): readonly string[] {
  return ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${timeoutSeconds}s`]
}

/** A kubectl command by which another process reverts a fault. It must be idempotent. */
export function undoByKubectl({ controlPlane: [host] }: Cluster, argv: readonly string[]): Undo {
  return { do: 'exec', machine: host?.name ?? '', argv: [...kubectlInMachine, ...argv] }
}

/** A command that creates an object unless it exists. */
export function undoByCreating({ controlPlane: [host] }: Cluster, object: KubernetesObject): Undo {
  const kubectl = kubectlInMachine.join(' ')
  const script = `${kubectl} get "$1" "$2" || printf %s "$3" | ${kubectl} create -f -`
  const args = [object.kind ?? '', object.metadata?.name ?? '', JSON.stringify(object)]
  return { do: 'exec', machine: host?.name ?? '', argv: ['sh', '-c', script, 'kubectl', ...args] }
}

async function runningControlPlane({ controlPlane }: Cluster): Promise<Machine> {
  for (const machine of controlPlane) if (await machine.running()) return machine
  throw new Error("kubectl can't run: no control-plane machine is running")
}
