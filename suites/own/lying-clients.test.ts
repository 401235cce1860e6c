import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { isolated } from '../../harness/faults/grudges.ts'
import { judge } from '../../harness/judge/judge.ts'
import type { Verdict } from '../../harness/judge/verdict.ts'
import { now } from '../../harness/record/clock.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { WatchRecorder } from '../../harness/record/watch-recorder.ts'
import { consistentList } from '../../harness/traffic/history/api-lists.ts'
import { ApiStore } from '../../harness/traffic/history/api-store.ts'
import { listEtcdOn } from '../../harness/traffic/history/etcd-lists.ts'
import { EtcdStore } from '../../harness/traffic/history/etcd-store.ts'
import { perform } from '../../harness/traffic/history/history-client.ts'
import type { Request, Store } from '../../harness/traffic/history/store.ts'
import { Workloads } from '../../harness/traffic/workloads.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'

/*
 * Clients that claim what is not so: a cache is taken for the newest state, a member that is cut off for all of etcd. A judge
 * that does not notice is worth nothing.
 */

const namespace = 'lying-clients'
const stop = new AbortController()
const { signal } = stop
let booted: { own: OwnCluster; faults: Faults } | undefined
const stage = () => {
  if (!booted) throw new Error('the cluster has not booted')
  return booted
}

beforeAll(async () => {
  const own = await ownCluster('ha', { signal })
  booted = { own, faults: new Faults(own.cluster, own.emit, () => Promise.resolve(), signal) }
  await new Workloads(own.cluster.kubernetes, namespace, signal).createNamespace()
})

afterAll(async () => {
  await booted?.faults[Symbol.asyncDispose]()
  await booted?.own[Symbol.asyncDispose]()
  stop.abort()
})

/** Under the name of the real scenario, so that the same judges answer. */
async function recorded(what: () => Promise<void>): Promise<(contract: string) => Promise<Verdict>> {
  const { own } = stage()
  const about = { kind: 'scenario', name: 'consistency' } as const
  own.emit({ ...about, at: now(), edge: 'start' })
  {
    await using _ = await WatchRecorder.start(own.cluster.kubernetes.servers, own.emit)
    await what()
  }
  own.emit({ ...about, at: now(), edge: 'end', outcome: 'completed' })
  const journal = [...(await readJournal(own.journalPath))]
  return async (contract) => {
    const verdict = judge(journal, { contracts: [contract] }).at(-1)
    if (!verdict) throw new Error(`${contract} was not judged`)
    return verdict
  }
}

const key = 'object-stale'
const request = (more: Partial<Request>): Request => ({ operation: 'get', key, precondition: 0, value: '', ...more })

/** A client that asks a cache and claims to have read consistently. */
function careless(store: Store): Store {
  const { via, kind } = store
  return { via, kind, carryOut: (asked) => store.carryOut({ ...asked, operation: 'cached-get' }) }
}

/** Writes through one store what is old to another one by the time it is read there, while `apart` keeps the two from each other. */
async function readBehind(newest: Store, behind: Store, apart: () => Promise<AsyncDisposable>): Promise<void> {
  const { emit } = stage().own
  const claims = careless(behind)
  const { revision } = await perform('writer', newest, request({ operation: 'create', value: 'old' }), emit)
  const cached = async (): Promise<boolean> => (await claims.carryOut(request({}))).revision === revision
  await eventually(`${behind.via} to have it`, cached, { withinMs: 30_000, signal })
  await using _ = await apart()
  await perform('writer', newest, request({ operation: 'patch', value: 'new' }), emit)
  await perform('careless', claims, request({}), emit)
}

test('a client that takes an old cache for the newest state turns API-03 red', async () => {
  const { own, faults } = stage()
  const [first, second] = own.cluster.kubernetes.servers
  if (!first || !second) throw new Error('stale reads need two API servers')
  const verdictOn = await recorded(async () => {
    const cut = isolated(own.cluster.machine(second.name), own.cluster.etcd)
    await readBehind(new ApiStore(first, namespace), new ApiStore(second, namespace), () => faults.partition(cut))
    await consistentList(first, { client: 'lister', namespace, prefix: 'object-', emit: own.emit })
  })
  const verdict = await verdictOn('API-03')
  expect(verdict.status, verdict.reason).toBe('fail')
  expect(verdict.reason).toContain(`get ${key} by careless: old`)
})

function members(): [EtcdStore, EtcdStore, EtcdStore] {
  const [one, two, three] = stage().own.cluster.etcd.map((machine) => new EtcdStore(machine, `/holdfast/${namespace}/`))
  if (!one || !two || !three) throw new Error('there are three members')
  return [one, two, three]
}

test('a client that takes a member that is cut off for all of etcd turns ETCD-01 red', async () => {
  const { own, faults } = stage()
  const [one, , three] = members()
  const verdictOn = await recorded(async () => {
    const cut = isolated(three.machine, own.cluster.etcd)
    await readBehind(one, three, () => faults.partition(cut))
    const once = new AbortController()
    const emit = (record: Parameters<typeof own.emit>[0]): void => (once.abort(), own.emit(record))
    await listEtcdOn([one], { client: 'etcd-lister', emit }, 0, once.signal)
  })
  const verdict = await verdictOn('ETCD-01')
  expect(verdict.status, verdict.reason).toBe('fail')
  expect(verdict.reason).toContain(`get ${key} by careless: old`)
})
