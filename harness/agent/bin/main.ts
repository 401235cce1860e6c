import { Resolver } from 'node:dns/promises'
import { errorMessage } from '../../common/error-message.mjs'
import { readLines } from '../../common/lines.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { paths } from '../paths.ts'
import * as actions from '../actions/index.ts'
import { followAudit } from '../observers/audit-log.ts'
import { execute } from '../processes/command.ts'
import { componentProcesses } from '../processes/component-processes.ts'
import { Datagrams, flowsOf } from '../probes/datagrams.ts'
import { EtcdMember } from '../etcd/etcd-member.ts'
import { EtcdStore, storeHistory } from '../etcd/etcd-store.ts'
import { EtcdWatches } from '../etcd/etcd-watch.ts'
import { EtcdWriters } from '../etcd/etcd-writers.ts'
import { http } from '../rpc/http.ts'
import { kernelRules } from '../kube-proxy/kernel-rules.ts'
import { AppliedFaultStore } from '../ttl/applied-fault-store.ts'
import { sendTestPackets } from '../probes/test-packets.ts'
import { AppliedFaults } from '../ttl/applied-faults.ts'
import { memoryInUse } from '../observers/memory.ts'
import { conntrackCounts, metrics } from '../observers/metrics.ts'
import { sockets } from '../observers/sockets.ts'
import { Outbox } from '../rpc/outbox.ts'
import { Pods } from '../processes/pods.ts'
import { Probes } from '../probes/probes.ts'
import type { Event, FromMachine, Methods, Request } from '../rpc/protocol.ts'
import { residue } from '../ttl/residue.ts'
import { reach } from '../probes/reach.ts'
import { containers } from '../processes/runtime-containers.ts'
import { sample } from '../probes/sample.ts'
import { commandLine, start, state } from '../processes/supervisor.ts'

/*
 * The program inside each machine. It carries out the requests from its standard input, reports observations on its
 * standard output, and reverts everything when that stream closes, for any reason.
 */

type Handlers = {
  readonly [M in keyof Methods]: (
    params: Parameters<Methods[M]>[0],
  ) => Promise<ReturnType<Methods[M]>> | ReturnType<Methods[M]>
}

const machine = process.argv[2] ?? ''
/** A copy inside a pod's network namespace only observes: it does not handle the machine's faults. */
const inPod = machine.startsWith('pod:')
const appliedFaults = new AppliedFaults(Object.values(actions), new AppliedFaultStore(paths.appliedFaults))
const out = new Outbox((text) => process.stdout.write(text))
const probes = new Probes(record)
const etcd = new EtcdMember(record)
const etcdWriters = new EtcdWriters(record)
const datagrams = new Datagrams()
const etcdWatches = new EtcdWatches(record)
const pods = new Pods(send)
let store: EtcdStore | undefined
let audit: { close: () => void } | undefined

const handlers: Handlers = {
  hello: () => ({ at: now(), pid: process.pid }),
  memory: memoryInUse,
  state: ({ component }) => state(component),
  commandLine: ({ component }) => commandLine(component),
  sockets: ({ port }) => sockets(port),
  processes: async () => ({ processes: await componentProcesses() }),
  start: ({ component }) => start(component),
  apply: ({ id, ttlMs, action }) => appliedFaults.apply(id, ttlMs, action),
  revert: ({ id }) => appliedFaults.revert(id),
  evidence: ({ id }) => appliedFaults.evidence(id),
  awaitReverted: async ({ appliedFaults: named, withinMs }) => done(await appliedFaults.awaitReverted(named, withinMs)),
  recovered: async () => ({ appliedFaults: await appliedFaults.recover() }),
  sendTestPackets: async (spec) => done(await sendTestPackets(spec)),
  residue,
  exec: ({ argv, timeoutMs }) => execute(argv, timeoutMs),
  http,
  resolve: async ({ server, name, timeoutMs }) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
    resolver.setServers([server])
    return { addresses: await resolver.resolve4(name) }
  },
  containers: async () => ({ containers: await containers() }),
  metrics,
  conntrack: conntrackCounts,
  probe: (spec) => done(probes.start(spec)),
  stopProbes: () => done(probes.stop()),
  sample,
  reach,
  kernelRules: ({ mode, known }) => kernelRules(mode, known),
  startDatagrams: async (spec) => done(await datagrams.start(spec)),
  stopDatagrams: () => done(datagrams.stop()),
  flows: async (spec) => ({ at: now(), flows: await flowsOf(spec) }),
  enterPod: async ({ namespace, pod }) => done(await pods.enter(namespace, pod)),
  inPod: ({ namespace, pod, method, params }) => pods.call(namespace, pod, method, params),
  leavePods: () => done(pods.leave()),
  followAudit: async ({ path }) => {
    audit?.close()
    audit = await followAudit(machine, path, record)
    return {}
  },
  followEtcd: (following) => done(etcd.follow(following)),
  writeEtcd: (writing) => done(etcdWriters.write(writing)),
  stopEtcd: ({ what }) => done(what === 'following' ? etcd.stop() : etcdWriters.stop()),
  followStore: async ({ member }) => {
    const before = store
    store = new EtcdStore(member, record)
    await before?.close()
    await store.standing
    return {}
  },
  stopStore: async () => done(await store?.close()),
  storeHistory: async ({ from, until }) => ({ events: await storeHistory(from, until) }),
  watchEtcd: (watching) => etcdWatches.watch(watching),
  unwatchEtcd: () => done(etcdWatches.close()),
}

function done(_: void): Record<string, never> {
  return {}
}

function record(what: JournalRecord): void {
  out.soon({ event: 'record', record: what })
}

function send(message: FromMachine | Event): void {
  out.now(message)
}

async function answer({ id, method, params }: Request): Promise<void> {
  try {
    const handler = handlers[method] as (params: unknown) => unknown
    send({ id, result: await handler(params) })
  } catch (error) {
    send({ id, error: errorMessage(error) })
  }
}

async function leave(): Promise<void> {
  probes.stop()
  datagrams.stop()
  etcd.stop()
  etcdWriters.stop()
  void store?.close()
  etcdWatches.close()
  pods.leave()
  await appliedFaults.revertAll()
  process.exit(0)
}

if (!inPod) void appliedFaults.recover()
process.stdout.on('error', () => void leave())
readLines(process.stdin, (line) => void answer(JSON.parse(line) as Request)).then(leave, leave)
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => void leave())
