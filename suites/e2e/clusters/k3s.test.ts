import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseDistribution } from '../../../harness/cluster/distribution/choose.ts'
import { componentsOf } from '../../../harness/cluster/components.ts'
import { engine } from '../../../harness/cluster/machine/engine.ts'
import { HoldfastError } from '../../../harness/common/errors.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { ResidueCheck } from '../../../harness/faults/residue/residue-check.ts'
import { EtcdSnapshot } from '../../../harness/faults/storage/etcd-snapshot.ts'
import { createFaults } from '../../../harness/faults/catalogue/faults.ts'
import { k3sImage } from '../../../harness/images/third-party/foreign.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import { runScenarios } from '../../../harness/run/run.ts'
import { isHostNoise } from '../../../harness/vitest/contract-tests.ts'
import { type OwnCluster, ownCluster } from '../../../harness/vitest/own-cluster.ts'
import { defaultScenarios } from '../../../scenarios/index.ts'
import { dnsReady, faultsOnK3s, routed } from './k3s/faults.ts'

/* The k3s distribution: selected where its image is available, and held to the same contracts as upstream. */

const wanted = { distribution: 'k3s', standaloneKubeProxy: true } as const
const options = { progress: () => undefined, signal: new AbortController().signal }

test('auto selects k3s if its image is available, else upstream, with the reason', async () => {
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

  describe('with standalone components', () => {
    let own: OwnCluster | undefined
    beforeAll(async () => {
      if (absent === undefined) own = await ownCluster('single', { ...wanted, signal: options.signal })
    })
    afterAll(async () => own?.[Symbol.asyncDispose]())

    /** Returns the cluster and its machines. Skips the test without k3s. */
    const setUp = (signal: AbortSignal, skip: (why: string) => never) => {
      if (absent !== undefined || !own) return skip(absent ?? 'the cluster has not booted')
      const { cluster } = own
      const faults = createFaults(
        cluster,
        () => undefined,
        () => Promise.resolve(),
        signal,
      )
      const waitOptions = { timeoutMs: 120_000, signal }
      const whole = async (): Promise<void> => {
        await eventually('the cluster to accept writes', () => cluster.probeWrite(), waitOptions)
        await eventually('both components to elect a leader', () => cluster.electionsHeld(), waitOptions)
        const ready = async (): Promise<boolean> =>
          (await Promise.all(cluster.nodes.map((node) => cluster.nodeReady(node)))).every(Boolean)
        await eventually('every Node to be Ready', ready, waitOptions)
        await eventually('CoreDNS to be Ready', () => dnsReady(cluster), waitOptions)
        await eventually('every Node to have routes to the pods of the others', () => routed(cluster), waitOptions)
      }
      const [[etcd], [server], [worker]] = [cluster.etcd, cluster.controlPlane, cluster.workers]
      if (!etcd || !server || !worker) throw new Error('the test needs a machine of each role')
      return { cluster, faults, whole, etcd, server, worker }
    }

    test('recovers from kill and freeze of each process and from a power cut of each machine', async ({
      signal,
      skip,
    }) => {
      const { cluster, faults, whole } = setUp(signal, skip)
      await using _ = faults
      for (const machine of cluster.machines) {
        for (const component of componentsOf(machine.spec)) {
          await (await faults.kill({ machine, component })).heal()
          await whole()
          await (await faults.pause({ machine, component })).heal()
          await whole()
        }
        await machine.kill()
        expect(await machine.running()).toBe(false)
        await machine.start()
        await whole()
      }
    })

    test('no k3s process was refused for its password', async ({ signal, skip }) => {
      const { cluster } = setUp(signal, skip)
      for (const machine of cluster.nodes) {
        const argv = ['sh', '-c', 'cat /var/log/holdfast/k3s-*.log']
        const { stdout } = await machine.call('exec', { argv, timeoutMs: 10_000 })
        expect(stdout).toContain('Starting k3s')
        expect(stdout.split('\n').filter((line) => /password rejected/i.test(line))).toEqual([])
      }
    })

    test.for(faultsOnK3s)(
      '%s takes effect, is reverted, and leaves no residue',
      async ([, inject], { signal, skip }) => {
        const on = setUp(signal, skip)
        await using _ = on.faults
        const residueCheck = await ResidueCheck.baseline(on.cluster)
        await (await inject(on)).heal()
        await on.whole()
        expect(await residueCheck.residue(signal)).toEqual([])
      },
    )

    test('refuses faults of embedded components, and the report names them', async ({ signal, skip }) => {
      const { cluster, faults, worker, server } = setUp(signal, skip)
      const refused = async (hit: () => Promise<unknown>): Promise<string> => {
        try {
          await hit()
        } catch (error) {
          if (error instanceof HoldfastError && error.code === 'HF_NOT_APPLICABLE') return error.message
          throw error
        }
        return 'not refused'
      }
      const isProxyStandalone = componentsOf(worker.spec).includes('kube-proxy')
      expect(await refused(() => faults.kill({ machine: worker, component: 'kubelet' }))).toBe(
        `not-applicable: ${isProxyStandalone ? 'kubelet is part of the k3s agent process' : 'kubelet and kube-proxy are one process in a k3s agent'}`,
      )
      expect(await refused(() => faults.pause({ machine: server, component: 'kube-apiserver' }))).toContain(
        'the API server is part of the k3s server process',
      )
      expect(await refused(async () => faults.freezeView(server))).toContain('not-applicable')
      expect(await refused(async () => faults.fillImageDisk(worker))).toContain(
        'containerd is a child of the k3s agent',
      )
      const snapshot = await EtcdSnapshot.take(cluster)
      expect(await refused(async () => faults.restoreSnapshot({ snapshot }))).toContain('not-applicable')
      const records = await readJournal(own?.journalPath ?? '')
      const row = records.flatMap((record) => (record.kind === 'cluster' ? (record.coverage ?? []) : []))
      const found = row.find(({ distribution, component }) => distribution === 'k3s' && component === 'kube-proxy')
      expect(found?.apart).toBe(cluster.workers.some(({ spec }) => spec.components.includes('kube-proxy')))
    })
  })

  test('every scenario passes, or does not apply to k3s by design', async ({ signal, skip }) => {
    if (absent !== undefined) skip(absent)
    const out = await mkdtemp(join(tmpdir(), 'holdfast-k3s-'))
    try {
      const { verdicts } = await runScenarios({
        scenarios: defaultScenarios,
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
      expect(verdicts.filter((one) => !kept.includes(one.status) && !isHostNoise(one))).toEqual([])
      expect(verdicts.map(({ status }) => status)).toContain('pass')
    } finally {
      await rm(out, { recursive: true })
    }
  })
})
