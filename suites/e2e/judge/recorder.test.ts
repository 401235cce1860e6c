import { expect, test } from 'vitest'
import type { Machine } from '../../../harness/cluster/machine/machine.ts'
import { eventually, consistently } from '../../../harness/common/eventually.ts'
import { createFaults } from '../../../harness/faults/catalogue/faults.ts'
import { objectAt } from '../../../harness/judge/recording/registry-keys.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import type { RecordOf } from '../../../harness/record/records.ts'
import { WatchRecorder } from '../../../harness/cluster/observe/watch-recorder.ts'
import { ownCluster, type OwnCluster } from '../../../harness/vitest/own-cluster.ts'

/* Compares the recording with etcd's history, across a killed API server, a killed etcd leader and a frozen machine. */

const namespace = 'default'
const freezeMs = 20_000

test('records every event of connected sources once, and every gap', async ({ signal }) => {
  await using own = await ownCluster('ha', { signal })
  const { cluster } = own
  const [etcd] = cluster.etcd
  if (!etcd) throw new Error('the cluster has no etcd member')
  for (const machine of cluster.etcd) await machine.call('followStore', { member: machine.name })
  let from = 0
  let until = 0
  {
    await using recorder = await WatchRecorder.start(cluster.kubernetes.servers, own.emit)
    from = await put(own, 'first')
    await using churn = new Churn(own)
    await using faults = createFaults(cluster, own.emit, () => Promise.resolve(), signal)
    const [first, second] = cluster.controlPlane
    if (!first || !second) throw new Error('the test needs two control-plane machines')
    const goesOn = async (what: string): Promise<void> => {
      const done = churn.writes
      await eventually(`writes to continue ${what}`, () => churn.writes > done + 20, { timeoutMs: 60_000, signal })
    }
    await goesOn('before anything')
    {
      await using _ = await faults.kill({ machine: first, component: 'kube-apiserver' })
      await goesOn('without one API server')
    }
    await goesOn('after that')
    {
      await using _ = await faults.kill(await cluster.leader('etcd'))
      await goesOn("without etcd's leader")
    }
    await goesOn('after that')
    {
      await using _ = await faults.freezeMachine(second)
      // Longer than the timeout of a silent stream.
      await consistently('the other API server writing', () => put(own, 'frozen').then(() => true), {
        forMs: freezeMs,
        signal,
      })
    }
    await goesOn('at the end')
    await churn[Symbol.asyncDispose]()
    until = await put(own, 'last')
    await observedByAll(own, cluster.controlPlane, until, signal)
    void recorder
  }
  const history = (await etcd.call('storeHistory', { from, until })).events
  const journal = await readJournal(own.journalPath)
  const watches = journal.filter((record) => record.kind === 'watch')
  const gaps = journal.filter((record) => record.kind === 'gap')
  const known = new Map(history.flatMap((event) => (objectAt(event.key) ? [[event.revision, event]] : [])))
  expect(known.size).toBeGreaterThan(100)

  for (const { name } of cluster.controlPlane) {
    const recorded = watches.filter(({ source }) => source === name)
    const blind = gaps.filter(({ source }) => source === name)
    expect(blind.length, `gaps of ${name}`).toBeGreaterThan(0)
    expect(
      twice(recorded.map(({ resource, resourceVersion, event }) => `${resource} ${resourceVersion} ${end(event)}`)),
      `twice from ${name}`,
    ).toEqual([])
    const versions = new Set(recorded.map(({ resourceVersion }) => Number(resourceVersion)))
    const missing = [...known.values()].filter((event) => !versions.has(event.revision))
    expect(
      missing.filter((event) => !inGap(event, recorded, blind)),
      `missing from ${name}`,
    ).toEqual([])
  }
  const seen = new Set(watches.map(({ resourceVersion }) => Number(resourceVersion)))
  expect(
    [...known.values()].filter(({ revision }) => !seen.has(revision)),
    'recorded from no API server',
  ).toEqual([])
  // Every recorded change exists in etcd's history.
  const invented = watches.filter(({ event, resourceVersion }) => {
    const revision = Number(resourceVersion)
    return event !== 'listed' && revision >= from && revision <= until && !known.has(revision)
  })
  expect(invented).toEqual([])

  const stored = journal.filter((record) => record.kind === 'stored')
  for (const { name } of cluster.etcd) {
    const own = stored.flatMap(({ member, events }) => (member === name ? events : []))
    expect(twice(own.map(({ key, revision }) => `${key} ${revision}`)), `twice from ${name}`).toEqual([])
    const witnessed = new Set(own.map(({ revision }) => revision))
    expect(
      history.filter(({ revision }) => !witnessed.has(revision)),
      `missing from ${name}`,
    ).toEqual([])
  }
  expect(journal.some((record) => record.kind === 'rig')).toBe(false)
})

type Watch = RecordOf<'watch'>

/** Whether the event falls into a gap: no later event precedes the gap, and no earlier one follows it. */
function inGap(
  { key, revision }: { readonly key: string; readonly revision: number },
  recorded: readonly Watch[],
  gaps: readonly RecordOf<'gap'>[],
): boolean {
  const resource = objectAt(key)?.resource
  const own = recorded.filter((one) => one.resource === resource)
  return gaps.some(
    (gap) =>
      gap.resource === resource &&
      own.every(
        ({ at, resourceVersion }) =>
          (at > gap.at || Number(resourceVersion) < revision) && (at < gap.until || Number(resourceVersion) > revision),
      ),
  )
}

/** A list after a gap reports a deleted object with its last known version. */
function end(event: Watch['event']): string {
  return event === 'deleted' ? 'deleted' : ''
}

function twice(items: readonly string[]): string[] {
  const seen = new Set<string>()
  return items.filter((word) => seen.size === seen.add(word).size)
}

/** Writes a test Lease and returns its revision. */
async function put({ cluster }: OwnCluster, name: string): Promise<number> {
  const active = leaseNamed(`hf-${name}`)
  const annotations = { 'holdfast/at': String(performance.now()) }
  await cluster.kubernetes.apply({ ...active, metadata: { ...active.metadata, annotations } })
  return Number((await cluster.kubernetes.read(active)).metadata?.resourceVersion)
}

/** Writes and deletes Leases until disposed. After a failure it continues with the next one. */
class Churn implements AsyncDisposable {
  writes = 0
  readonly #own: OwnCluster
  readonly #ended: Promise<void>
  #stopped = false

  constructor(own: OwnCluster) {
    this.#own = own
    this.#ended = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#ended
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const name = `churn-${n % 10}`
      try {
        if (n % 10 === 9) await this.#own.cluster.kubernetes.delete(leaseNamed(`hf-churn-${Math.floor(n / 10) % 9}`))
        else await put(this.#own, name)
        this.writes++
      } catch {
        // This API server is down. The test waits for writes through the others.
      }
    }
  }
}

function leaseNamed(name: string): { apiVersion: string; kind: string; metadata: { name: string; namespace: string } } {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } }
}

/** Waits until the watches of every API server and member have reported the last write. */
async function observedByAll(
  { cluster, journalPath }: OwnCluster,
  servers: readonly Machine[],
  revision: number,
  signal: AbortSignal,
): Promise<void> {
  await eventually(
    'every source to report the last write',
    async () => {
      const journal = await readJournal(journalPath)
      const recorded = new Set(
        journal.flatMap((record) => {
          if (record.kind === 'watch' && Number(record.resourceVersion) === revision) return [record.source]
          if (record.kind === 'stored' && record.events.some((event) => event.revision === revision))
            return [record.member]
          return []
        }),
      )
      return [...servers, ...cluster.etcd].every(({ name }) => recorded.has(name))
    },
    { timeoutMs: 60_000, intervalMs: 1_000, signal },
  )
}
