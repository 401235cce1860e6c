import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot } from '../harness/cluster/boot/boot.ts'
import type { Cluster } from '../harness/cluster/cluster.ts'
import { chooseDistribution, type WantedDistribution } from '../harness/cluster/distribution/choose.ts'
import type { Distribution } from '../harness/cluster/distribution/distribution.ts'
import { chooseReaper, engine } from '../harness/cluster/machine/engine.ts'
import { timings } from '../harness/cluster/timings.ts'
import { topology } from '../harness/cluster/topology.ts'
import { Lifetime } from '../harness/run/guardian/lifetime.ts'
import { newRunId } from '../harness/run/run-id.ts'
import { type Figure, Figures } from './figures.ts'

interface BootBench {
  readonly runs: number
  readonly topology: string
  readonly distribution: WantedDistribution
  readonly report: (text: string) => void
}

/**
 * Measures the time to each fact of a boot, and the memory of the cluster and of the harness just after. With k3s, each of its
 * boots is followed by one of upstream and is also reported as a ratio of it.
 */
export async function benchBoot({ runs, topology: name, distribution: wanted, report }: BootBench): Promise<Figure[]> {
  const { signal } = new AbortController()
  await chooseReaper(await engine(), false)
  const chosen = async (which: WantedDistribution): Promise<Distribution> => {
    const { distribution, reason } = await chooseDistribution(which, { progress: ({ text }) => report(text), signal })
    report(`${distribution.name}: ${reason}`)
    return distribution
  }
  const distribution = await chosen(wanted)
  const other = wanted === 'k3s' ? await chosen('upstream') : undefined
  const [figures, others] = [new Figures(), new Figures()]
  for (let n = 1; n <= runs; n++) {
    report(`boot ${n} of ${runs}`)
    await bootOnce(distribution, name, figures)
    if (!other) continue
    await bootOnce(other, name, others)
    figures.add(`${whole} on upstream`, 's', others.last(whole))
    figures.add(`${whole}, upstream = 1`, 'ratio', figures.last(whole) / others.last(whole))
  }
  return figures.all()
}

async function bootOnce(distribution: Distribution, name: string, figures: Figures): Promise<void> {
  const run = newRunId()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true }))
  cleanup.use(await Lifetime.begin(run, folder))
  const { cluster } = await boot({
    run,
    folder,
    topology: topology(name),
    distribution,
    timings: timings('stock'),
    proxyMode: 'iptables',
    schedulerLeaderElection: true,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    progress: (what, ms) => figures.add(`boot: ${what}`, 's', ms / 1000),
    onFailure: () => Promise.resolve(),
  })
  const used = await usedBy(cluster)
  figures.add('cluster processor time', 's', used.processorSeconds)
  figures.add('cluster memory', 'MB', used.megabytes)
  figures.add('harness memory', 'MB', process.memoryUsage.rss() / 1e6)
  await Promise.all(cluster.machines.map((machine) => machine.disconnect()))
}

const whole = 'boot: everything is ready'

/** Sums the engine's statistics of all machines, without page cache that the kernel can reclaim. */
async function usedBy({ machines }: Cluster): Promise<{ processorSeconds: number; megabytes: number }> {
  const docker = await engine()
  const each = await Promise.all(
    machines.map(async ({ containerId }) => {
      const { memory_stats, cpu_stats } = await docker
        .getContainer(containerId)
        .stats({ stream: false, 'one-shot': true })
      const stats = memory_stats.stats as { total_inactive_file?: number; inactive_file?: number }
      return {
        bytes: memory_stats.usage - (stats.total_inactive_file ?? stats.inactive_file ?? 0),
        nanoseconds: cpu_stats.cpu_usage.total_usage,
      }
    }),
  )
  const sum = (what: 'bytes' | 'nanoseconds'): number => each.reduce((total, one) => total + one[what], 0)
  return { processorSeconds: sum('nanoseconds') / 1e9, megabytes: sum('bytes') / 1e6 }
}
