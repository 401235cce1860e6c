import { expect, test } from 'vitest'
import { componentsOf } from '../../harness/cluster/components.ts'
import { eventually } from '../../harness/eventually.ts'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'

/* Fixed names and addresses: a machine that was switched off comes back as itself. */

test('every machine survives a power cut and a start', async ({ signal }) => {
  await using own = await ownCluster('single', { signal })
  const { cluster } = own
  for (const machine of cluster.machines) {
    await machine.kill()
    expect(await machine.running()).toBe(false)
    await machine.start()
    const patience = { withinMs: 120_000, signal }
    await eventually(
      `every component of ${machine.name} to run again`,
      async () => {
        const states = componentsOf(machine.spec).map((component) => machine.call('state', { component }))
        return (await Promise.all(states)).every(({ pid }) => pid !== 0)
      },
      patience,
    )
    await eventually('the cluster to take writes', () => cluster.probeWrite(), patience)
    await eventually('both elections to be held', () => cluster.electionsHeld(), patience)
    await eventually(
      'every Node to be Ready',
      async () => (await Promise.all(cluster.nodes.map((node) => cluster.nodeReady(node)))).every(Boolean),
      patience,
    )
  }
})
