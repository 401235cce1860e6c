import type { ComponentRef } from '../../harness/cluster/cluster.ts'
import type { ScenarioContext } from '../../harness/run/scenario.ts'

/** Kills the leading controller manager, waits until another one leads, and starts the killed one again. */
export async function crashLeader({ cluster, faults, until }: ScenarioContext, leader: ComponentRef): Promise<void> {
  await using _ = await faults.kill(leader)
  await until(
    'another controller manager to lead',
    async () => (await cluster.leader('kube-controller-manager')).machine !== leader.machine,
    { timeoutMs: 120_000, intervalMs: 100 },
  )
}
