import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from 'simple-statistics'
import { boot } from '../harness/cluster/boot.ts'
import type { Cluster } from '../harness/cluster/cluster.ts'
import { chooseDistribution, type WantedDistribution } from '../harness/cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../harness/cluster/engine.ts'
import { timings } from '../harness/cluster/timings.ts'
import { topology } from '../harness/cluster/topology.ts'
import { Lifetime } from '../harness/run/lifetime.ts'
import { newRunId } from '../harness/run/run-id.ts'
import type { Figure } from './figures.ts'

interface BootBench {
  readonly runs: number
  readonly topology: string
  readonly distribution: WantedDistribution
  readonly say: (text: string) => void
}

/** Time to each fact of a boot, memory of the whole cluster just after, and of the harness's own process. */
export async function benchBoot({ runs, topology: name, distribution: wanted, say }: BootBench): Promise<Figure[]> {
  const { signal } = new AbortController()
  await chooseReaper(await engine(), false)
  const { distribution, reason } = await chooseDistribution(wanted, { progress: ({ text }) => say(text), signal })
  say(`${distribution.name}: ${reason}`)
  const measured = new Map<string, { unit: Figure['unit']; values: number[] }>()
  const measure = (what: string, unit: Figure['unit'], value: number): void => {
    const known = measured.get(what) ?? { unit, values: [] }
    known.values.push(value)
    measured.set(what, known)
  }
  for (let n = 1; n <= runs; n++) {
    say(`boot ${n} of ${runs}`)
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
      signal,
      onEvent: () => undefined,
      progress: (what, ms) => measure(`boot: ${what}`, 's', ms / 1000),
      onFailure: () => Promise.resolve(),
    })
    const used = await usedBy(cluster)
    measure('cluster processor time', 's', used.processorSeconds)
    measure('cluster memory', 'MB', used.megabytes)
    measure('harness memory', 'MB', process.memoryUsage.rss() / 1e6)
    await Promise.all(cluster.machines.map((machine) => machine.disconnect()))
  }
  return [...measured].map(([figure, { unit, values }]) => ({ name: figure, unit, values }))
}

const whole = 'boot: everything is ready'

/** How many times as long as the other's each boot took, the other's being its median. */
export function compared(figures: readonly Figure[], others: readonly Figure[]): Figure {
  const values = (all: readonly Figure[]): readonly number[] => all.find(({ name }) => name === whole)?.values ?? []
  const usual = median([...values(others)])
  return {
    name: `${whole}, upstream (median ${usual.toFixed(1)} s) = 1`,
    unit: 'ratio',
    values: values(figures).map((s) => s / usual),
  }
}

/** What the engine counts for every machine, less the page cache that the kernel would give back. */
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
