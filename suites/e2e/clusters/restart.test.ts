import { expect, test } from 'vitest'
import { componentsOf } from '../../../harness/cluster/components.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { ownCluster } from '../../../harness/vitest/own-cluster.ts'

/* A machine keeps its name and address across a power cut. */

test('every machine recovers from a power cut', async ({ signal }) => {
  await using own = await ownCluster('single', { signal })
  const { cluster } = own
  for (const machine of cluster.machines) {
    await machine.kill()
    expect(await machine.running()).toBe(false)
    await machine.start()
    const waitOptions = { timeoutMs: 120_000, signal }
    await eventually(
      `every component of ${machine.name} to run again`,
      async () => {
        const states = componentsOf(machine.spec).map((component) => machine.call('state', { component }))
        return (await Promise.all(states)).every(({ pid }) => pid !== 0)
      },
      waitOptions,
    )
    await eventually('the cluster to accept writes', () => cluster.probeWrite(), waitOptions)
    await eventually('both components to elect a leader', () => cluster.electionsHeld(), waitOptions)
    await eventually(
      'every Node to be Ready',
      async () => (await Promise.all(cluster.nodes.map((node) => cluster.nodeReady(node)))).every(Boolean),
      waitOptions,
    )
  }
})
