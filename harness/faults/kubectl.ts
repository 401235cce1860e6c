import type { KubernetesObject } from '@kubernetes/client-node'
import type { Cluster } from '../cluster/cluster.ts'
import { engine } from '../cluster/engine.ts'
import type { Machine } from '../cluster/machine.ts'
import { execInContainer } from '../cluster/run-in-container.ts'
import { now } from '../record/clock.ts'
import type { RecordOf } from '../record/records.ts'
import type { Undo } from './undo.ts'

/** kubectl as it is run inside a control-plane machine, with every right. */
const kubectlInMachine: readonly string[] = ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf']

/**
 * kubectl out of the machine image, never the user's own, on the first control-plane machine that runs. How it ended is in
 * the record. @throws when it can't be started, and the signal's reason
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

/** How somebody else undoes with kubectl what we did. It has to be idempotent. */
export function undoByKubectl({ controlPlane: [host] }: Cluster, argv: readonly string[]): Undo {
  return { do: 'exec', machine: host?.name ?? '', argv: [...kubectlInMachine, ...argv] }
}

/** The same for an object that has to exist again: it is created unless it does. */
export function undoByCreating({ controlPlane: [host] }: Cluster, object: KubernetesObject): Undo {
  const kubectl = kubectlInMachine.join(' ')
  const script = `${kubectl} get "$1" "$2" || printf %s "$3" | ${kubectl} create -f -`
  const words = [object.kind ?? '', object.metadata?.name ?? '', JSON.stringify(object)]
  return { do: 'exec', machine: host?.name ?? '', argv: ['sh', '-c', script, 'kubectl', ...words] }
}

async function runningControlPlane({ controlPlane }: Cluster): Promise<Machine> {
  for (const machine of controlPlane) if (await machine.running()) return machine
  throw new Error('no control-plane machine runs: there is nowhere to run kubectl')
}
