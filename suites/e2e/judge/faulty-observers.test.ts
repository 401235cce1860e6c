import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../harness/common/eventually.ts'
import { type Faults, createFaults } from '../../../harness/faults/catalogue/faults.ts'
import { isolated } from '../../../harness/faults/network/grudges.ts'
import type { ComponentRef } from '../../../harness/cluster/cluster.ts'
import type { ActiveFault } from '../../../harness/faults/engine/fault.ts'
import { judgeJournal } from '../../../harness/contracts/judge-journal.ts'
import type { Verdict } from '../../../harness/judge/verdict/verdict.ts'
import { now } from '../../../harness/record/clock.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import type { JournalRecord } from '../../../harness/record/records.ts'
import { WatchRecorder } from '../../../harness/cluster/observe/watch-recorder.ts'
import { consistentList } from '../../../harness/traffic/history/api-lists.ts'
import { ApiStore } from '../../../harness/traffic/history/api-store.ts'
import { revisionOf } from '../../../harness/traffic/history/etcd-data.ts'
import { listEtcdOn } from '../../../harness/traffic/history/etcd-lists.ts'
import { EtcdStore } from '../../../harness/traffic/history/etcd-store.ts'
import { Histories } from '../../../harness/traffic/history/histories.ts'
import { sendOperation } from '../../../harness/traffic/history/history-client.ts'
import type { Request, Store } from '../../../harness/traffic/history/store.ts'
import { Workloads } from '../../../harness/traffic/workloads/workloads.ts'
import { type OwnCluster, ownCluster } from '../../../harness/vitest/own-cluster.ts'
import { interruptedWatch, type Members } from './faulty-observers/interrupted-watch.ts'
import {
  doublesOne,
  honest,
  otherChangeEach,
  oneChangeEach,
  losesOne,
  reordersTwo,
} from './faulty-observers/response-changes.ts'
import { type ResponseChanges, FaultyProxy } from './faulty-observers/faulty-proxy.ts'
import { strayMember } from './faulty-observers/stray-member.ts'

/*
 * Negative controls: a healthy cluster with faulty observers. A proxy between clients and an API server changes answers, a client
 * reports a cached read as consistent, and an etcd member has a history of its own.
 */

const namespace = 'lying-clients'
const enough = 150
const stop = new AbortController()
const { signal } = stop
let runs = 0
let booted: { own: OwnCluster; faults: Faults } | undefined
const records: JournalRecord[] = []
const bootedCluster = () => {
  if (!booted) throw new Error('the cluster has not booted')
  return booted
}

beforeAll(async () => {
  const own = await ownCluster('ha', { signal, onRecord: (record) => void records.push(record) })
  booted = { own, faults: createFaults(own.cluster, own.emit, () => Promise.resolve(), signal) }
  // A new API server may have every event since revision 1 in its cache; a restarted one does not.
  await Promise.all(own.cluster.apiServers.map(restarted))
  await eventually('the API servers to accept writes', () => own.cluster.probeWriteThroughAll(), {
    timeoutMs: 60_000,
    signal,
  })
  await new Workloads(own.cluster.kubernetes, namespace, signal).createNamespace()
})

async function restarted(component: ComponentRef): Promise<void> {
  await (await bootedCluster().faults.kill(component, { stay: false })).heal()
}

afterAll(async () => {
  await booted?.faults[Symbol.asyncDispose]()
  await booted?.own[Symbol.asyncDispose]()
  stop.abort()
})

/** Records under the name of the real scenario, so that the same contracts apply. */
async function recorded(what: () => Promise<void>): Promise<(contract: string) => Verdict> {
  const { own } = bootedCluster()
  const about = { kind: 'scenario', name: 'consistency' } as const
  own.emit({ ...about, at: now(), edge: 'start' })
  const { etcd } = own.cluster
  await Promise.all(etcd.map((machine) => machine.call('followStore', { member: machine.name })))
  {
    await using _ = await WatchRecorder.start(own.cluster.kubernetes.servers, own.emit)
    await what()
  }
  await Promise.all(etcd.map((machine) => machine.call('stopStore', {})))
  own.emit({ ...about, at: now(), edge: 'end', outcome: 'completed' })
  const journal = [...(await readJournal(own.journalPath))]
  return (contract) => {
    const verdict = judgeJournal(journal, { contracts: [contract] }).at(-1)
    if (!verdict) throw new Error(`${contract} was not judged`)
    return verdict
  }
}

/** The verdict fails with one of the codes, and with these values. */
function expectFailure(verdict: Verdict, codes: readonly string[], values: Record<string, unknown> = {}): void {
  const message = `${verdict.contract}: ${verdict.reason}`
  expect.soft(verdict.status, message).toBe('fail')
  expect.soft(codes, message).toContain(verdict.code)
  expect.soft(verdict.values, message).toMatchObject(values)
}

function expectPass(verdict: Verdict): void {
  expect.soft(verdict.status, `${verdict.contract}: ${verdict.reason}`).toBe('pass')
}

/** Runs the scenario's clients in a new namespace; they reach the first API server through a proxy. */
function throughMiddleman(changes: ResponseChanges, until?: () => boolean): Promise<(contract: string) => Verdict> {
  const { cluster, emit } = bootedCluster().own
  const random = xorshift128plus(1)
  const choose = <T>(from: readonly T[]): T => from[uniformInt(random, 0, from.length - 1)] as T
  const fresh = `${namespace}-${++runs}`
  return recorded(async () => {
    await new Workloads(cluster.kubernetes, fresh, signal).createNamespace()
    const [first, ...others] = cluster.kubernetes.servers
    if (!first) throw new Error('the cluster has no API server')
    await using middleman = await FaultyProxy.before(first, changes)
    const servers = [middleman.server, ...others]
    await using histories = await Histories.start(cluster, { namespace: fresh, emit, choose, signal, servers })
    await histories.interrupted()
    await histories.confirmed(enough)
    if (until) await eventually('the expected records', until, { timeoutMs: 60_000, signal })
    await histories.close()
  })
}

test('every contract passes behind a proxy that changes nothing', async () => {
  // An API server sets a bookmark shortly before it ends a watch.
  const verdictOn = await throughMiddleman(honest, marked)
  for (const contract of ['API-02', 'API-03', 'API-04', 'API-05', 'API-06', 'API-07', 'API-12']) {
    expectPass(verdictOn(contract))
  }
})

function marked(): boolean {
  const streams = new Set(
    records.flatMap((one) => (one.kind === 'stream' && one.store === 'apiserver' ? [one.id] : [])),
  )
  return records.some((one) => one.kind === 'notification' && one.event === 'bookmark' && streams.has(one.stream))
}

test.each([
  ['loses a change', losesOne, 'EVENT_LOST'],
  ['reports a change twice', doublesOne, 'EVENT_REPEATED'],
  ['reports two changes in the wrong order', reordersTwo(), 'EVENTS_OUT_OF_ORDER'],
])('API-04 fails with a watch that %s', async (_, changes, code) => {
  expectFailure((await throughMiddleman(changes))('API-04'), [code])
})

test('each other changed answer makes its contract fail', async () => {
  const verdictOn = await throughMiddleman(oneChangeEach())
  expectFailure(verdictOn('API-02'), ['UPDATE_LOST', 'OBJECT_CREATED_TWICE'])
  expectFailure(verdictOn('API-05'), ['EXPIRED_EARLY'])
  expectFailure(verdictOn('API-06'), ['BOOKMARK_UNTRUE'])
  expectFailure(verdictOn('API-07'), ['LIST_TORN', 'LIST_DIFFERS'])
  expectFailure(verdictOn('API-12'), ['ADDRESS_SHARED'])
})

test('a second set of changed answers makes each contract fail', async () => {
  const verdictOn = await throughMiddleman(otherChangeEach())
  expectFailure(verdictOn('API-02'), ['CREATED_OBJECT_MISSING'])
  expectFailure(verdictOn('API-03'), ['STALE_READ', 'NOT_LINEARIZABLE'])
  expectFailure(verdictOn('API-05'), ['EXPIRY_NOT_REPORTED'], { since: 1 })
  expectFailure(verdictOn('API-07'), ['LIST_DIFFERS'])
})

const key = 'object-stale'
/** The values of a verdict that fails for the read by `careless`. */
const staleRead = { first: expect.stringContaining(`get ${key} by careless: old`) as string }
const request = (more: Partial<Request>): Request => ({ operation: 'get', key, precondition: 0, value: '', ...more })

/** A client that reads from the cache and records a consistent read. */
function careless(store: Store): Store {
  const { via, kind } = store
  return { via, kind, carryOut: (wanted) => store.carryOut({ ...wanted, operation: 'cached-get' }) }
}

/** Writes through one store and reads the old value from another, while `apart` separates the two. */
async function readBehind(newest: Store, behind: Store, separate: () => Promise<AsyncDisposable>): Promise<void> {
  const { emit } = bootedCluster().own
  const claims = careless(behind)
  const { revision } = await sendOperation('writer', newest, request({ operation: 'create', value: 'old' }), emit)
  const cached = async (): Promise<boolean> => (await claims.carryOut(request({}))).revision === revision
  await eventually(`${behind.via} to have it`, cached, { timeoutMs: 30_000, signal })
  await using _ = await separate()
  await sendOperation('writer', newest, request({ operation: 'patch', value: 'new' }), emit)
  await sendOperation('careless', claims, request({}), emit)
}

test('API-03 fails with a client that records cached reads as consistent', async () => {
  const { own, faults } = bootedCluster()
  const [first, second] = own.cluster.kubernetes.servers
  if (!first || !second) throw new Error('the test needs two API servers')
  const verdictOn = await recorded(async () => {
    const cut = isolated(own.cluster.machine(second.name), own.cluster.etcd)
    await readBehind(new ApiStore(first, namespace), new ApiStore(second, namespace), () => faults.partition(cut))
    await consistentList(first, { client: 'lister', namespace, prefix: 'object-', emit: own.emit })
  })
  expectFailure(verdictOn('API-03'), ['STALE_READ', 'NOT_LINEARIZABLE'], staleRead)
})

/** Returns stores on all members, the leader first, with a new range of keys. */
async function members(): Promise<Members> {
  const { cluster } = bootedCluster().own
  const { machine: leader } = await cluster.leader('etcd')
  const prefix = `/holdfast/${namespace}/${++runs}/`
  const [one, two, three] = [leader, ...cluster.etcd.filter((machine) => machine !== leader)].map(
    (machine) => new EtcdStore(machine, prefix),
  )
  if (!one || !two || !three) throw new Error('the test needs three etcd members')
  return [one, two, three]
}

test('ETCD-01 fails with a client that reads from an isolated member', async () => {
  const { own, faults } = bootedCluster()
  const [one, , three] = await members()
  const verdictOn = await recorded(async () => {
    const cut = isolated(three.machine, own.cluster.etcd)
    await readBehind(one, three, () => faults.partition(cut))
    const once = new AbortController()
    const emit = (record: Parameters<typeof own.emit>[0]): void => (once.abort(), own.emit(record))
    await listEtcdOn([one], { client: 'etcd-lister', emit }, 0, once.signal)
  })
  expectFailure(verdictOn('ETCD-01'), ['STALE_READ', 'NOT_LINEARIZABLE'], staleRead)
})

test('contracts pass with a restarted member; ETCD-05, ETCD-07 and ETCD-11 fail with a foreign one in its place', async () => {
  const { own, faults } = bootedCluster()
  const takeOver = (all: Members, inItsPlace: (killed: ActiveFault) => Promise<AsyncDisposable>) =>
    recorded(async () => {
      await using activeFaults = new AsyncDisposableStack()
      const interrupt = async (): Promise<AsyncDisposable> =>
        inItsPlace(activeFaults.use(await faults.kill({ machine: all[2].machine, component: 'etcd' })))
      await interruptedWatch(all, { interrupt, emit: own.emit, recorded: records, signal })
    })
  const around = await members()
  const sound = await takeOver(around, async (killed) => {
    await killed.heal()
    const answers = async (): Promise<boolean> => (await revisionOf(around[2])) > 0
    await eventually('the member to answer again', answers, { timeoutMs: 30_000, signal })
    return new AsyncDisposableStack()
  })
  for (const contract of ['ETCD-05', 'ETCD-07', 'ETCD-11']) expectPass(sound(contract))
  const all = await members()
  const wrong = await takeOver(all, () => strayMember(all[2], signal))
  expectFailure(wrong('ETCD-05'), ['EVENT_LOST', 'REPORTS_DIFFER'])
  expectFailure(wrong('ETCD-07'), ['COMPACTION_NOT_REPORTED'])
  expectFailure(wrong('ETCD-11'), ['MEMBERS_DIFFER'])
})
