import { statSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from '../harness/record/journal.ts'
import { JournalReader } from '../harness/record/read-journal.ts'
import type { JournalRecord } from '../harness/record/records.ts'
import type { Figure } from './figures.ts'

interface JournalBench {
  readonly runs: number
  readonly records: number
  readonly report: (text: string) => void
}

/** Measures the time to write a record, and the time and memory to read and verify a long journal. */
export async function benchJournal({ runs, records, report }: JournalBench): Promise<Figure[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-bench-'))
  const path = join(folder.path, 'journal.ndjson')
  const written = write(path, records)
  const megabytes = written.bytes / 1e6
  report(`${records} records, ${megabytes.toFixed(0)} MB`)
  const seconds: number[] = []
  const memory: number[] = []
  for (let n = 1; n <= runs; n++) {
    const began = performance.now()
    let most = 0
    let read = 0
    for await (const batch of new JournalReader(path)) {
      read += batch.length
      most = Math.max(most, process.memoryUsage.rss())
    }
    if (read !== records) throw new Error(`Read ${read} records of ${records} written`)
    seconds.push((performance.now() - began) / 1000)
    memory.push(most / 1e6)
    report(`read ${n} of ${runs}: ${(seconds.at(-1) ?? 0).toFixed(2)} s`)
  }
  return [
    { name: 'journal: write one record', unit: 'ms', values: [written.ms / records] },
    { name: `journal: read ${records} records`, unit: 's', values: seconds },
    { name: 'journal: memory while reading', unit: 'MB', values: memory },
  ]
}

function write(path: string, count: number): { ms: number; bytes: number } {
  const journal = new Journal(path)
  const began = performance.now()
  for (let n = 0; n < count; n++) journal.write(mixed(n))
  const ms = performance.now() - began
  journal.close()
  return { ms, bytes: statSync(path).size }
}

/** Returns record n of a long run's mix: mostly probe attempts, some requests, one object in twenty. */
function mixed(n: number): JournalRecord {
  const at = 1_000_000 + n * 0.731
  if (n % 20 === 0) return podUpdate(at, n)
  if (n % 10 === 1) {
    const client = {
      user: 'system:node:worker1',
      userAgent: 'kubelet/v1.37.2 (linux/amd64)',
      sourceAddress: '10.1.2.3',
    }
    const request = {
      verb: 'patch',
      resource: 'nodes',
      subresource: 'status',
      namespace: '',
      name: 'worker1',
      code: 200,
    }
    return {
      kind: 'audit',
      at,
      endedAt: at + 3.7,
      machine: 'control-plane1',
      id: `request-${n}`,
      ...client,
      ...request,
    }
  }
  const where = {
    from: `worker${n % 5}`,
    to: '10.96.31.7:80',
    service: 'hf-kill-scheduler/web',
    protocol: 'tcp',
  } as const
  return { kind: 'attempt', at, endedAt: at + 1.337, ...where, ok: true, backend: `web-5f7c9d8b4d-${n % 6}` }
}

function podUpdate(at: number, n: number): JournalRecord {
  const name = `web-5f7c9d8b4d-${n % 300}`
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
    (type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' }),
  )
  const containers = [{ name: 'agnhost', image: 'holdfast/agnhost', args: ['netexec'], imagePullPolicy: 'Never' }]
  const tolerations = ['not-ready', 'unreachable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  const object = {
    metadata: { name, namespace: 'hf-bench', uid: name, resourceVersion: String(n), labels: { app: 'web' } },
    spec: { containers, tolerations, nodeName: `worker${n % 5}`, schedulerName: 'default-scheduler' },
    status: { phase: 'Running', conditions, podIP: '10.244.1.9', startTime: '2026-01-01T00:00:00Z' },
  }
  const seen = { namespace: 'hf-bench', name, uid: name, resourceVersion: String(n) }
  return { kind: 'watch', at, source: 'control-plane1', event: 'modified', resource: 'pods', ...seen, object }
}
