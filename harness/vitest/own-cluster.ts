import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseDistribution } from '../cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../cluster/machine/engine.ts'
import { timings } from '../cluster/timings.ts'
import { topology } from '../cluster/topology.ts'
import { Journal } from '../record/journal.ts'
import type { JournalRecord } from '../record/records.ts'
import { Lifetime } from '../run/guardian/lifetime.ts'
import { type ClusterRequest, type OpenCluster, openCluster } from '../run/clusters/open-cluster.ts'
import { newRunId } from '../run/run-id.ts'

export interface OwnCluster extends OpenCluster, AsyncDisposable {
  /** The records so far. */
  readonly journalPath: string
  emit(record: JournalRecord): void
}

/** A cluster for one test, with a journal, removed at the end of the test in every case. */
export async function ownCluster(
  shape: string,
  options: Pick<ClusterRequest['options'], 'signal' | 'schedulerLeaderElection' | 'proxyMode' | 'withinMs'> & {
    /** Default: upstream, which works everywhere. */
    readonly distribution?: 'k3s' | 'upstream'
    /** kube-proxy as a separate process on k3s too. */
    readonly standaloneKubeProxy?: boolean
    /** Called with each record after it was written. */
    readonly onRecord?: (record: JournalRecord) => void
  },
): Promise<OwnCluster> {
  await using opening = new AsyncDisposableStack()
  const run = newRunId()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  opening.defer(() => rm(folder, { recursive: true }))
  const journalPath = join(folder, 'journal.ndjson')
  const journal = new Journal(journalPath)
  opening.defer(() => journal.close())
  opening.use(await Lifetime.begin(run, folder))
  await chooseReaper(await engine(), false)
  const choice = await chooseDistribution(options.distribution ?? 'upstream', {
    progress: () => undefined,
    signal: options.signal,
    standaloneKubeProxy: options.standaloneKubeProxy ?? false,
  })
  const emit = (record: JournalRecord): void => {
    journal.write(record)
    options.onRecord?.(record)
  }
  const opened = await openCluster({
    run,
    folder,
    shape: topology(shape),
    speed: timings('stock'),
    choice,
    options: { keep: false, ...options },
    emit,
    report: () => undefined,
  })
  opening.defer(() => opened.close())
  const all = opening.move()
  return { ...opened, journalPath, emit, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
