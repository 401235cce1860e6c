import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { chooseDistribution } from '../../harness/cluster/distribution/choose.ts'
import { componentsOf } from '../../harness/cluster/components.ts'
import { engine } from '../../harness/cluster/engine.ts'
import { HoldfastError } from '../../harness/errors.ts'
import { eventually } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { k3sImage } from '../../harness/images/foreign.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import { runScenarios } from '../../harness/run/run.ts'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'
import { scenarios } from '../../scenarios/index.ts'

/* The distribution whose images others make: chosen where they can be had, and then as whole as upstream. */

const options = { progress: () => undefined, signal: new AbortController().signal }

test('auto takes k3s where its image can be had, and else upstream, and says why', async () => {
  const { distribution, reason } = await chooseDistribution('auto', options)
  const docker = await engine()
  const present = await docker
    .getImage(k3sImage())
    .inspect()
    .then(() => true)
    .catch(() => false)
  expect(distribution.name).toBe(present ? 'k3s' : 'upstream')
  expect(reason).toContain(present ? `${k3sImage()} was` : `image ${k3sImage()} is neither present nor pullable`)
})

describe('on a real k3s', () => {
  let absent: string | undefined
  beforeAll(async () => {
    try {
      await chooseDistribution('k3s', options)
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'HF_NO_DISTRIBUTION') throw error
      absent = error.message
    }
  })

  test('each machine survives a power cut, each process a kill, and what is no process says so', async ({
    signal,
    skip,
  }) => {
    if (absent !== undefined) skip(absent)
    await using own = await ownCluster('single', { signal, distribution: 'k3s' })
    const { cluster } = own
    const told: JournalRecord[] = []
    await using faults = new Faults(
      cluster,
      (record) => told.push(record),
      () => Promise.resolve(),
      signal,
    )
    const patience = { withinMs: 120_000, signal }
    const whole = async (): Promise<void> => {
      await eventually('the cluster to take writes', () => cluster.writable(), patience)
      await eventually('both elections to be held', () => cluster.electionsHeld(), patience)
      await eventually(
        'every Node to be Ready',
        async () => (await Promise.all(cluster.nodes.map((node) => cluster.nodeReady(node)))).every(Boolean),
        patience,
      )
    }
    for (const machine of cluster.machines) {
      for (const component of componentsOf(machine.spec)) {
        await (await faults.kill({ machine, component })).heal()
        await whole()
      }
      await machine.kill()
      expect(await machine.running()).toBe(false)
      await machine.start()
      await whole()
    }
    const [worker] = cluster.workers
    if (!worker) throw new Error('there is no worker')
    await expect(faults.kill({ machine: worker, component: 'kubelet' })).rejects.toMatchObject({
      code: 'HF_NOT_APPLICABLE',
      message: 'not-applicable: kubelet and kube-proxy are one process in a k3s agent',
    })
  })

  test('the scenarios hold, or say what k3s does by design', async ({ signal, skip }) => {
    if (absent !== undefined) skip(absent)
    const out = await mkdtemp(join(tmpdir(), 'holdfast-k3s-'))
    try {
      const { verdicts } = await runScenarios({
        scenarios: [...scenarios.keys()],
        topology: 'ha',
        distribution: 'k3s',
        timings: 'stock',
        seed: 1,
        out,
        keep: false,
        signal,
        progress: () => undefined,
      })
      const kept = ['pass', 'known', 'not-applicable']
      expect(verdicts.filter(({ status }) => !kept.includes(status))).toEqual([])
      expect(verdicts.map(({ status }) => status)).toContain('pass')
    } finally {
      await rm(out, { recursive: true })
    }
  })
})
