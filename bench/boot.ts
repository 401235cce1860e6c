import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot } from '../harness/cluster/boot.ts'
import type { Cluster } from '../harness/cluster/cluster.ts'
import { chooseDistribution } from '../harness/cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../harness/cluster/engine.ts'
import { timings } from '../harness/cluster/timings.ts'
import { topology } from '../harness/cluster/topology.ts'
import { Lifetime } from '../harness/run/lifetime.ts'
import { newRunId } from '../harness/run/run-id.ts'
import type { Figure } from './figures.ts'

interface BootBench {
  readonly runs: number
  readonly topology: string
  readonly say: (text: string) => void
}

/** Time to each fact of a boot, memory of the whole cluster just after, and of the harness's own process. */
export async function benchBoot({ runs, topology: name, say }: BootBench): Promise<Figure[]> {
  const { signal } = new AbortController()
  await chooseReaper(await engine(), false)
  const { distribution } = await chooseDistribution('upstream', { progress: ({ text }) => say(text), signal })
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
    measure('cluster memory', 'MB', await clusterMemory(cluster))
    measure('harness memory', 'MB', process.memoryUsage.rss() / 1e6)
    await Promise.all(cluster.machines.map((machine) => machine.disconnect()))
  }
  return [...measured].map(([figure, { unit, values }]) => ({ name: figure, unit, values }))
}

/** What the engine counts for every machine, less the page cache that the kernel would give back. */
async function clusterMemory({ machines }: Cluster): Promise<number> {
  const docker = await engine()
  const each = await Promise.all(
    machines.map(async ({ containerId }) => {
      const { memory_stats } = await docker.getContainer(containerId).stats({ stream: false })
      const stats = memory_stats.stats as { total_inactive_file?: number; inactive_file?: number }
      return memory_stats.usage - (stats.total_inactive_file ?? stats.inactive_file ?? 0)
    }),
  )
  return each.reduce((sum, bytes) => sum + bytes, 0) / 1e6
}
