import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { chooseDistribution, type WantedDistribution } from '../cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../cluster/engine.ts'
import { timings } from '../cluster/timings.ts'
import { topology } from '../cluster/topology.ts'
import { HoldfastError } from '../errors.ts'
import { now } from '../record/clock.ts'
import { findLeftovers, removeRun } from './leftovers.ts'
import { Lifetime } from './lifetime.ts'
import { openCluster } from './open-cluster.ts'
import { readOwner, removeOwner } from './owner.ts'
import { type Progress, stamped } from './progress.ts'
import { newRunId } from './run-id.ts'

export interface UpOptions {
  /** Default: `ha`. */
  readonly topology?: string | undefined
  readonly distribution: WantedDistribution
  readonly kubeProxyApart?: boolean
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

/** Boots a cluster for a person: it stays until `down`. One that does not come up is removed again. */
export async function up(options: UpOptions): Promise<KeptCluster> {
  const [shape, speed] = [topology(options.topology ?? 'ha'), timings(options.timings)]
  await chooseReaper(await engine(), true)
  const choice = await chooseDistribution(options.distribution, { ...options, progress: stamped(options.progress) })
  const run = newRunId()
  const folder = resolve(options.out, run)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Until it is up it is like any run: whatever ends us, nothing stays.
  await using lifetime = await Lifetime.begin(run, folder)
  const opened = await openCluster({
    run,
    folder,
    shape,
    speed,
    choice,
    options: { ...options, keep: true },
    emit: () => undefined,
    say: (text, level = 'phase') => options.progress({ at: now(), text, level }),
  })
  await opened.close()
  await lifetime.keep()
  return { name: run, folder, kubeconfig: opened.kubeconfigs[0] ?? '' }
}

/**
 * Removes a cluster that was kept: the named one, or the only one.
 * @throws HoldfastError HF_NO_CLUSTER, HF_WHICH_CLUSTER
 */
export async function down(name?: string): Promise<void> {
  const { run } = await keptRun(name)
  await removeRun(run)
  await removeOwner(run)
}

/**
 * The run of a cluster that was kept and its folder: the named one, or the only one.
 * @throws HoldfastError HF_NO_CLUSTER, HF_WHICH_CLUSTER
 */
export async function keptRun(name?: string): Promise<{ readonly run: string; readonly folder: string }> {
  const runs = [...new Set((await findLeftovers()).map(({ run }) => run))]
  const kept = new Map<string, string>()
  for (const run of runs) {
    const owner = await readOwner(run)
    if (owner?.kept) kept.set(run, owner.folder)
  }
  const names = [...kept.keys()].join(', ')
  const run = name ?? (kept.size === 1 ? [...kept.keys()][0] : undefined)
  if (run === undefined && kept.size > 1) {
    throw new HoldfastError('HF_WHICH_CLUSTER', `${kept.size} clusters are up: ${names}.`, {
      hint: 'Name the one that is meant.',
      exitCode: 64,
    })
  }
  const folder = run === undefined ? undefined : kept.get(run)
  if (run === undefined || folder === undefined) {
    throw new HoldfastError('HF_NO_CLUSTER', name === undefined ? 'No cluster is up.' : `No cluster "${name}" is up.`, {
      hint: kept.size > 0 ? `These are: ${names}.` : 'Start one with `npm run holdfast -- up`.',
      exitCode: 64,
    })
  }
  return { run, folder }
}
