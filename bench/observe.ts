import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keysWith, memberPki } from '../harness/agent/etcd/etcd-client.ts'
import { paths } from '../harness/agent/paths.ts'
import { etcdRequestFrom } from '../harness/cluster/etcd.ts'
import type { Machine } from '../harness/cluster/machine/machine.ts'
import { base64, fromBase64 } from '../harness/common/base64.ts'
import { eventually } from '../harness/common/eventually.ts'
import { now } from '../harness/record/clock.ts'
import { Journal } from '../harness/record/journal.ts'
import type { JournalRecord } from '../harness/record/records.ts'
import { WatchRecorder } from '../harness/cluster/observe/watch-recorder.ts'
import type { Figure } from './figures.ts'
import { putSteadily } from './put-steadily.ts'
import { type Bench, withCluster } from './with-cluster.ts'

const objects = 100
const perSecond = 1_000
const rounds = 5
const timeoutMs = 10_000
const namespace = 'default'
const prefix = `/registry/leases/${namespace}/hf-bench-`

interface ObserveBench {
  readonly seconds: number
  readonly report: (text: string) => void
}

/**
 * Measures the time from a commit (reported by etcd's own watch) to its record in the journal, and the harness's cost of a
 * thousand changes a second. It writes to etcd directly, so that the API server has no cost of writing.
 */
export function benchObserve({ seconds, report }: ObserveBench): Promise<Figure[]> {
  return withCluster('single', report, async (bench) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-bench-'))
    const journal = new Journal(join(folder.path, 'journal.ndjson'))
    const lags = new Lags()
    const emit = (record: JournalRecord): void => {
      journal.write(record)
      lags.add(record)
    }
    bench.onRecord = emit
    const [etcd] = bench.cluster.etcd
    if (!etcd) throw new Error('the benchmark needs a cluster with etcd')
    await using _ = await WatchRecorder.start(bench.cluster.kubernetes.servers, emit)
    await etcd.call('followStore', { member: etcd.name })
    const values = await leases(bench, etcd)
    await lags.matched(objects, bench.signal)
    lags.taken()

    report('changes one by one')
    let n = 0
    // Enough values that the p99 is not the maximum.
    for (let round = 0; round < rounds; round++) {
      for (const [key, value] of values) {
        await change(etcd, [[key, value]])
        await lags.matched(++n, bench.signal)
      }
    }
    const alone = lags.taken()
    report(`1,000 changes a second for ${seconds} s`)
    const load = await underLoad(etcd, values, seconds)
    await lags.matched(seconds * perSecond, bench.signal)
    const together = lags.taken()
    await etcd.call('stopStore', {})
    journal.close()
    return [
      { name: 'change to journal, one by one, p50', unit: 'ms', values: [share(alone, 0.5)] },
      { name: 'change to journal, one by one, p99', unit: 'ms', values: [share(alone, 0.99)] },
      { name: `change to journal, ${load.perSecond} a second, p99`, unit: 'ms', values: [share(together, 0.99)] },
      { name: 'harness: share of a core', unit: 'ratio', values: [load.share] },
      { name: 'harness: memory', unit: 'MB', values: [load.megabytes] },
    ]
  })
}

/**
 * Pairs etcd's reports of commits with those of the API server's watch. It drops a pair at once, so that the benchmark measures
 * the recorder's memory and not its own.
 */
class Lags {
  readonly #committed = new Map<string, number>()
  readonly #watched = new Map<string, number>()
  #lags: number[] = []

  add(record: JournalRecord): void {
    if (record.kind === 'stored') {
      for (const { key, revision } of record.events)
        if (key.startsWith(prefix)) this.#pair(`${key} ${revision}`, this.#committed, this.#watched, record.at)
    }
    if (record.kind === 'watch' && record.resource === 'leases' && record.event !== 'listed') {
      const key = `/registry/leases/${record.namespace}/${record.name} ${record.resourceVersion}`
      if (key.startsWith(prefix)) this.#pair(key, this.#watched, this.#committed, now())
    }
  }

  async matched(least: number, signal: AbortSignal): Promise<void> {
    await eventually(
      'etcd and the API server to report every change',
      () => {
        if (this.#lags.length >= least) return true
        throw new Error(
          `of ${least} changes both reported ${this.#lags.length}, only etcd ${this.#committed.size}, only the API server ${this.#watched.size}`,
        )
      },
      { timeoutMs: 30_000, intervalMs: 20, signal },
    )
  }

  /** Returns the lags of all paired changes in ascending milliseconds, and clears them. */
  taken(): number[] {
    const lags = this.#lags.sort((a, b) => a - b)
    this.#lags = []
    return lags
  }

  #pair(key: string, own: Map<string, number>, other: Map<string, number>, at: number): void {
    const before = other.get(key)
    if (before === undefined) {
      own.set(key, at)
      return
    }
    other.delete(key)
    this.#lags.push(own === this.#watched ? at - before : before - at)
  }
}

/** Creates Leases and returns their stored bytes in base64. */
async function leases({ cluster, signal }: Bench, etcd: Machine): Promise<[key: string, value: string][]> {
  for (let n = 0; n < objects; n++) {
    const metadata = { name: `hf-bench-${n}`, namespace }
    await cluster.kubernetes.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata })
  }
  signal.throwIfAborted()
  const { kvs } = (await etcdRequestFrom(etcd, '/v3/kv/range', keysWith(prefix), { timeoutMs })) as {
    kvs: { key: string; value: string }[]
  }
  return kvs.map(({ key, value }) => [fromBase64(key), value])
}

async function change(etcd: Machine, values: readonly (readonly [key: string, value: string])[]): Promise<void> {
  const success = values.map(([key, value]) => ({ request_put: { key: base64(key), value } }))
  await etcdRequestFrom(etcd, '/v3/kv/txn', { success }, { timeoutMs })
}

/** Makes a thousand changes a second and measures the harness meanwhile. */
async function underLoad(
  etcd: Machine,
  values: readonly (readonly [string, string])[],
  seconds: number,
): Promise<{ readonly share: number; readonly megabytes: number; readonly perSecond: number }> {
  const cpu = process.cpuUsage()
  const began = now()
  let megabytes = 0
  using _ = every(100, () => (megabytes = Math.max(megabytes, process.memoryUsage.rss() / 1e6)))
  const puts = values.map(([key, value]) => [base64(key), value] as const)
  const program = putSteadily({ pki: memberPki, values: puts, perSecond, seconds })
  const timeoutMs = seconds * 3_000
  const { exitCode, stdout, stderr } = await etcd.call('exec', { argv: [paths.node, ...program], timeoutMs })
  if (exitCode !== 0) throw new Error(stderr)
  const { user, system } = process.cpuUsage(cpu)
  const share = (user + system) / 1000 / (now() - began)
  return { share, megabytes, perSecond: Math.round((seconds * perSecond * 1000) / Number(stdout)) }
}

function every(ms: number, act: () => void): Disposable {
  const timer = setInterval(act, ms)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function share(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}
