import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../harness/cluster/cluster.ts'
import { chooseDistribution } from '../harness/cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../harness/cluster/machine/engine.ts'
import { timings } from '../harness/cluster/timings.ts'
import { topology } from '../harness/cluster/topology.ts'
import type { JournalRecord } from '../harness/record/records.ts'
import { Lifetime } from '../harness/run/guardian/lifetime.ts'
import { openCluster } from '../harness/run/clusters/open-cluster.ts'
import { newRunId } from '../harness/run/run-id.ts'

export interface Bench {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Receives every record. Assign another function to replace it. */
  onRecord: (record: JournalRecord) => void
}

/** Runs `measure` on a new cluster and removes the cluster in every case. */
export async function withCluster<T>(
  shape: string,
  report: (text: string) => void,
  measure: (bench: Bench) => Promise<T>,
): Promise<T> {
  const { signal } = new AbortController()
  const run = newRunId()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true }))
  cleanup.use(await Lifetime.begin(run, folder))
  await chooseReaper(await engine(), false)
  const choice = await chooseDistribution('upstream', { progress: ({ text }) => report(text), signal })
  const listener = { onRecord: (_: JournalRecord): void => undefined }
  const { cluster, close } = await openCluster({
    run,
    folder,
    shape: topology(shape),
    speed: timings('stock'),
    choice,
    options: { keep: false, signal },
    emit: (record) => listener.onRecord(record),
    report: report,
  })
  cleanup.defer(close)
  return await measure(Object.assign(listener, { cluster, signal }))
}
