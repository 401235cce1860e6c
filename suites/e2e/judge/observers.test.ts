import type { V1Service } from '@kubernetes/client-node'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paths } from '../../../harness/agent/paths.ts'
import { engine } from '../../../harness/cluster/machine/engine.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { createFaults } from '../../../harness/faults/catalogue/faults.ts'
import { runKubectl } from '../../../harness/faults/kube-api/kubectl.ts'
import { objects } from '../../../harness/judge/recording/kubernetes-objects.ts'
import { probeOf } from '../../../harness/judge/coverage/probe-gaps.ts'
import { Recording } from '../../../harness/judge/recording/recording.ts'
import { InconclusiveError } from '../../../harness/judge/verdict/inconclusive.ts'
import { witnessed } from '../../../harness/judge/coverage/witness.ts'
import type { JournalRecord, RecordOf } from '../../../harness/record/records.ts'
import { watchedResources, WatchRecorder } from '../../../harness/cluster/observe/watch-recorder.ts'
import { Traffic } from '../../../harness/traffic/traffic.ts'
import { ownCluster, type OwnCluster } from '../../../harness/vitest/own-cluster.ts'
import { portTests } from './observers/service-ports.ts'

/* Tests of the observers: every path to a Service shows the same outage, and a recorder that loses changes is detected. */

const ended = new AbortController()
const { signal } = ended
const recorded: JournalRecord[] = []
let own: OwnCluster

beforeAll(async () => {
  own = await ownCluster('single', { signal, onRecord: (record) => recorded.push(record) })
})
afterAll(async () => {
  ended.abort()
  await own[Symbol.asyncDispose]()
})

test('every machine of a booted cluster has the same CPU shares', async () => {
  const docker = await engine()
  const containers = await Promise.all(
    own.cluster.machines.map(({ containerId }) => docker.getContainer(containerId).inspect()),
  )
  // 0 means the default, which is 1024.
  expect(containers.map(({ HostConfig }) => HostConfig.CpuShares || 1024)).toEqual(containers.map(() => 1024))
})

portTests(() => ({ own, recorded, signal }))

test('probes every path to a Service from every place, and each shows its outage and its return', async () => {
  const { cluster } = own
  await using traffic = await Traffic.start(cluster, 'hf-ways', own.emit, signal)
  await traffic.deploy('web', { replicas: 2 }, 'NodePort')
  await traffic.probe('web', ['cluster-ip', 'node-port', 'pod-ip', 'dns-name'])
  await traffic.probe('web', ['cluster-ip', 'node-port'], { connection: 'kept' })
  await traffic.probeApiServers()

  const inside = ['control-plane1', 'worker1', 'pod:client']
  const ways = ['', ' node-port', ' pod-ip', ' dns-name', ' kept', ' node-port kept']
  const toService = [
    ...inside.flatMap((from) => ways.map((way) => [from, way])),
    ...[' node-port', ' node-port kept'].map((way) => ['outside', way]),
  ].flatMap(([from, way]) => ['tcp', 'udp'].map((protocol) => `${from} ${protocol}${way}`))
  const toApiServer = [...inside, 'outside'].map((from) => `${from} tcp api-server`)
  const attempts = (): RecordOf<'attempt'>[] => recorded.filter((record) => record.kind === 'attempt')
  // The API server chooses the node port.
  const nameOf = (one: RecordOf<'attempt'>): string => probeOf(one).replace(` ${one.to}`, '')
  const since = async (what: string, probes: readonly string[], ok: boolean): Promise<void> => {
    const from = Math.max(...attempts().map(({ at }) => at), 0)
    await eventually(
      `every probe to ${what}`,
      () => {
        const seen = new Set(attempts().flatMap((one) => (one.at > from && one.ok === ok ? [nameOf(one)] : [])))
        const left = probes.filter((probe) => !seen.has(probe))
        if (left.length > 0) throw new Error(`missing: ${left.join(', ')}`)
        return true
      },
      { timeoutMs: 60_000, intervalMs: 250, signal },
    )
  }
  await since('be answered', [...toService, ...toApiServer], true)
  expect([...new Set(attempts().map(nameOf))].toSorted()).toEqual([...toService, ...toApiServer].toSorted())

  await traffic.scale('web', 0)
  await since('fail without an endpoint', toService, false)
  await traffic.scale('web', 2)
  await traffic.rolloutComplete('web')
  // The pod whose own address is probed does not return.
  await since(
    'be answered by the new pods',
    toService.filter((probe) => !probe.includes('pod-ip')),
    true,
  )

  await using faults = createFaults(cluster, own.emit, () => Promise.resolve(), signal)
  const [server] = cluster.all('kube-apiserver')
  if (!server) throw new Error('the cluster has no API server')
  {
    await using _ = await faults.kill(server)
    await since('fail without the API server', toApiServer, false)
  }
  await since('be answered by the API server again', toApiServer, true)
  // A flow or connection keeps its port and its backend.
  for (const [probe, all] of Map.groupBy(attempts(), nameOf)) {
    // An attempt whose name had no address has opened no port.
    const opened = all.flatMap(({ sourcePort }) => sourcePort ?? [])
    const ports = new Set(opened).size
    if (probe.endsWith('udp kept') || probe.endsWith('udp node-port kept')) expect(ports, probe).toBe(1)
    // The kernel may reuse the port of a refused connection.
    else if (!probe.endsWith('kept')) expect(ports, probe).toBeGreaterThan(opened.length / 2)
  }
})

function isOwnWatch(record: JournalRecord): record is RecordOf<'watch'> {
  return record.kind === 'watch' && record.name.startsWith('hf-lossy-') && record.event !== 'listed'
}

test('detects a recorder that loses changes or records them twice', async () => {
  const { cluster } = own
  const [etcd] = cluster.etcd
  if (!etcd) throw new Error('the cluster has no etcd member')
  const [honest, lossy, doubling]: JournalRecord[][] = [[], [], []]
  const lost: string[] = []
  let n = 0
  {
    await using _ = await WatchRecorder.start(cluster.kubernetes.servers, (record) => {
      honest?.push(record)
      const chosen = isOwnWatch(record) && ++n % 7 === 0
      if (chosen) lost.push(record.resourceVersion)
      else lossy?.push(record)
      doubling?.push(record)
      if (chosen) doubling?.push({ ...record, at: record.at + 0.001 })
    })
    await etcd.call('followStore', { member: etcd.name })
    for (let round = 0; round < 12; round++) {
      for (let object = 0; object < 10; object++) {
        const annotations = { 'holdfast/round': `${round}` }
        const metadata = { name: `hf-lossy-${object}`, namespace: 'default', annotations }
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata }
        if (round % 4 === 3) await cluster.kubernetes.delete(lease)
        else await cluster.kubernetes.apply(lease)
      }
    }
    const changes = (): number => (honest ?? []).filter(isOwnWatch).length
    await eventually('the record of the last change', () => changes() === 120, { timeoutMs: 30_000, signal })
    await etcd.call('stopStore', {})
  }
  const stored = recorded.filter(({ kind }) => kind === 'stored')
  const leasesOf = (records: readonly JournalRecord[] = []) => {
    const recording = new Recording('own', [...stored, ...records])
    return { recording, watch: witnessed(recording).find(({ resource }) => resource === 'leases') }
  }
  const sound = leasesOf(honest)
  const watches = witnessed(sound.recording)
  expect(watches.map(({ resource }) => resource).toSorted()).toEqual(watchedResources.toSorted())
  expect(watches.flatMap(({ dropped, doubled }) => [...dropped, ...doubled])).toEqual([])
  expect(sound.watch?.stored).toBeGreaterThanOrEqual(120)
  expect(() => objects(sound.recording, 'leases')).not.toThrow()

  expect(lost.length).toBeGreaterThan(10)
  const broken = leasesOf(lossy)
  expect(broken.watch?.dropped.map(({ revision }) => String(revision))).toEqual(lost)
  expect(() => objects(broken.recording, 'leases')).toThrow(InconclusiveError)
  const twice = leasesOf(doubling)
  expect(twice.watch?.doubled.map(({ revision }) => String(revision))).toEqual(lost)
  expect(() => objects(twice.recording, 'leases')).toThrow(InconclusiveError)
})

test('the next agent continues to follow an audit log and records the gap', async () => {
  const { cluster } = own
  const [machine] = cluster.controlPlane
  if (!machine) throw new Error('the cluster has no control-plane machine')
  const audits = (name: string): RecordOf<'audit'>[] =>
    recorded.filter((record) => record.kind === 'audit').filter((record) => record.name === name)
  const request = async (name: string): Promise<void> => {
    const metadata = { name, namespace: 'default' }
    const spec = { selector: { app: name }, ports: [{ port: 80 }] }
    await cluster.kubernetes.apply({ apiVersion: 'v1', kind: 'Service', metadata, spec } as V1Service)
  }
  const waitOptions = { timeoutMs: 30_000, signal }
  await machine.call('followAudit', { path: paths.auditLog })
  await request('hf-audit-before')
  await eventually('the record of a request', () => audits('hf-audit-before').length > 0, waitOptions)
  const { pid } = await machine.call('hello', {})
  const kill = machine.call('exec', { argv: ['kill', '-9', String(pid)], timeoutMs: 5_000 })
  await expect(kill).rejects.toThrow('closed')
  const gap = await eventually(
    'the record of the gap',
    () => recorded.filter((record) => record.kind === 'gap').find(({ resource }) => resource === 'audit'),
    waitOptions,
  )
  expect(gap).toMatchObject({ source: machine.name })
  await request('hf-audit-after')
  await eventually('the record of a later request', () => audits('hf-audit-after').length > 0, waitOptions)
})

test('journal and audit log contain no value of a Secret, a token or a key in recorded objects', async () => {
  const { cluster } = own
  const [machine] = cluster.controlPlane
  if (!machine) throw new Error('the cluster has no control-plane machine')
  const password = randomBytes(24).toString('base64')
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hf-planted', namespace: 'default' } }
  const token = (await runKubectl(cluster, ['create', 'token', 'default'])).stdout.trim()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const withData = { ...secret, data: { password } }
  const annotations = { 'hf/token': token, 'hf/key': key, 'hf/secret': JSON.stringify(withData) }
  const metadata = { name: 'hf-careless', namespace: 'default', annotations }
  await machine.call('followAudit', { path: paths.auditLog })
  {
    await using _ = await WatchRecorder.start(cluster.kubernetes.servers, own.emit)
    await cluster.kubernetes.apply(withData)
    await cluster.kubernetes.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata })
    own.emit(await runKubectl(cluster, ['get', 'secret', 'hf-planted', '-o', 'yaml']))
    own.emit(await runKubectl(cluster, ['get', 'pods', '-v', '9', '--token', token]))
    for (const [kind, name] of [
      ['watch', 'hf-careless'],
      ['audit', 'hf-planted'],
    ] as const) {
      const seen = () => recorded.some((record) => record.kind === kind && record.name === name)
      await eventually(`${kind} of ${name}`, seen, { timeoutMs: 30_000, signal })
    }
  }
  const journal = readFileSync(own.journalPath, 'utf8')
  expect(journal).toContain('hf-careless')
  expect(journal).toContain('hf-planted')
  expect(journal).toContain('[withheld]')
  const [, , signature = ''] = token.split('.')
  const [, keyLine = ''] = key.split('\n')
  for (const [what, value] of Object.entries({ password, signature, keyLine })) {
    expect(value.length, what).toBeGreaterThan(30)
    expect(journal.includes(value), `${what} in the journal`).toBe(false)
    const argv = ['grep', '-c', '-F', value, paths.auditLog]
    const { stdout } = await machine.call('exec', { argv, timeoutMs: 20_000 })
    expect(stdout.trim(), `${what} in the audit log`).toBe('0')
  }
})
