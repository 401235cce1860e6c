import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { chooseDistribution, type WantedDistribution } from '../../cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../../cluster/machine/engine.ts'
import { timings } from '../../cluster/timings.ts'
import { topology } from '../../cluster/topology.ts'
import { HoldfastError } from '../../common/errors.ts'
import { now } from '../../record/clock.ts'
import { removeRun } from '../orphans/leftovers.ts'
import { Lifetime } from '../guardian/lifetime.ts'
import { openCluster } from '../clusters/open-cluster.ts'
import { type Progress, stamped } from '../progress.ts'
import { newRunId } from '../run-id.ts'
import { findRuns } from '../orphans/runs-on-engine.ts'

export interface UpOptions {
  /** Default: `ha`. */
  readonly topology?: string | undefined
  readonly distribution: WantedDistribution
  readonly standaloneKubeProxy?: boolean
  readonly mirror?: string | undefined
  readonly timings: string
  readonly out: string
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface KeptCluster {
  readonly name: string
  readonly folder: string
  readonly kubeconfig: string
}

/** Boots a cluster that stays until `down`. Removes it again if the boot fails. */
export async function up(options: UpOptions): Promise<KeptCluster> {
  const [shape, speed] = [topology(options.topology ?? 'ha'), timings(options.timings)]
  await chooseReaper(await engine(), true)
  const choice = await chooseDistribution(options.distribution, { ...options, progress: stamped(options.progress) })
  const run = newRunId()
  const folder = resolve(options.out, run)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // During the boot it is guarded like any run: nothing stays behind if this process ends.
  await using lifetime = await Lifetime.begin(run, folder)
  const opened = await openCluster({
    run,
    folder,
    shape,
    speed,
    choice,
    options: { ...options, keep: true },
    emit: () => undefined,
    report: (text, level = 'phase') => options.progress({ at: now(), text, level }),
  })
  await opened.close()
  await lifetime.keep()
  return { name: run, folder, kubeconfig: opened.kubeconfigs[0] ?? '' }
}

/**
 * Removes a kept cluster: the named one, or the only one.
 * @throws HoldfastError HF_NO_CLUSTER, HF_WHICH_CLUSTER
 */
export async function down(name?: string): Promise<void> {
  const { run } = await keptRun(name)
  await removeRun(run)
}

/**
 * Finds a kept cluster's run and folder: the named one, or the only one of this user. Another user's must be named.
 * @throws HoldfastError HF_NO_CLUSTER, HF_WHICH_CLUSTER
 */
export async function keptRun(name?: string): Promise<{ readonly run: string; readonly folder: string }> {
  const kept = (await findRuns()).filter(({ state }) => state === 'kept')
  const chosen = kept.filter(({ run, mine }) => (name === undefined ? mine : run === name))
  const [one] = chosen
  if (one && chosen.length === 1) return one
  const names = (runs: typeof kept): string => runs.map(({ run }) => run).join(', ')
  if (chosen.length > 1) {
    throw new HoldfastError('HF_WHICH_CLUSTER', `${chosen.length} clusters are up: ${names(chosen)}.`, {
      hint: 'Give the name of one of them.',
      exitCode: 64,
    })
  }
  throw new HoldfastError('HF_NO_CLUSTER', name === undefined ? 'No cluster is up.' : `No cluster "${name}" is up.`, {
    hint:
      kept.length > 0
        ? `Give the name of a running cluster: ${names(kept)}.`
        : 'Start one with `npm run holdfast -- up`.',
    exitCode: 64,
  })
}
