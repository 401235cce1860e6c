import { expect, test } from 'vitest'
import { componentsOf } from '../../../harness/cluster/components.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { createFaults } from '../../../harness/faults/catalogue/faults.ts'
import type { JournalRecord } from '../../../harness/record/records.ts'
import { ownCluster } from '../../../harness/vitest/own-cluster.ts'

/* Each component is killed (with and without restart), stopped and frozen, and always recovers. */

test('kills, stops and freezes each component separately, and each recovers', async ({ signal }) => {
  await using own = await ownCluster('single', { signal })
  const recorded: JournalRecord[] = []
  await using faults = createFaults(
    own.cluster,
    (record) => recorded.push(record),
    () => Promise.resolve(),
    signal,
  )
  for (const machine of own.cluster.machines) {
    for (const component of componentsOf(machine.spec)) {
      const ref = { machine, component }
      const state = () => machine.call('state', { component })
      const before = await state()
      expect(before, component).toMatchObject({ wanted: 'up', frozen: false })

      const frozen = await faults.pause(ref)
      expect(await state(), component).toMatchObject({ pid: before.pid, frozen: true })
      await frozen.heal()
      expect(await state(), component).toMatchObject({ pid: before.pid, frozen: false })

      const killed = await faults.kill(ref)
      expect(await state(), component).toMatchObject({ pid: 0 })
      await expect(faults.kill(ref)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
      await killed.heal()
      const after = await state()
      expect(after.pid).not.toBe(0)
      expect(after.startedAt).not.toBe(before.startedAt)

      await (await faults.kill(ref, { stay: false })).heal()
      await eventually(`the supervisor to restart ${component}`, async () => (await state()).pid !== 0, {
        timeoutMs: 10_000,
        signal,
      })
      const stopped = await faults.stop(ref)
      expect(await state(), component).toMatchObject({ pid: 0 })
      await stopped.heal()
      expect((await state()).pid).not.toBe(0)
    }
  }
  const edges = recorded.flatMap((record) => (record.kind === 'fault' ? [record.edge] : []))
  expect(edges.filter((edge) => edge === 'intent').length).toBe(edges.filter((edge) => edge === 'healed').length)
  expect(edges).not.toContain('unproven')
})
