import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { KubernetesObject, V1Node, V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiRequest } from '../../harness/cluster/api-request.ts'
import type { ApiServer } from '../../harness/cluster/kubernetes.ts'
import type { Machine } from '../../harness/cluster/machine.ts'
import { eventually, holdsFor } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { Workloads } from '../../harness/traffic/workloads.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'

/* Faults that go through the API, that come between an API server and etcd, and that wear a machine out: one cluster for all. */

let own: OwnCluster
let faults: Faults
let workloads: Workloads
const ended = new AbortController()
const namespace = 'faults'
const web = { namespace, selector: 'app=web' }
const withinMs = 60_000

beforeAll(async () => {
  own = await ownCluster('ha', { signal: ended.signal })
  faults = new Faults(own.cluster, own.emit, () => Promise.resolve(), ended.signal)
  workloads = new Workloads(own.cluster.kubernetes, namespace, ended.signal)
  await workloads.createNamespace()
  await workloads.deployment('web', { replicas: 3 })
  await workloads.settled('web')
})
afterAll(async () => {
  await faults?.[Symbol.asyncDispose]()
  await own?.[Symbol.asyncDispose]()
})

const unavailable = { code: 'HF_FAULT_UNAVAILABLE' }

/** One of a list that has to be there. */
function nth<T>(list: readonly T[], n = 0): T {
  const one = list[n]
  if (one === undefined) throw new Error(`there is no number ${n} in ${list.length}`)
  return one
}

async function shell(machine: Machine, script: string): Promise<string> {
  return (await promisify(execFile)('docker', ['exec', machine.containerId, 'sh', '-c', script])).stdout.trim()
}

async function nodeOf(machine: Machine): Promise<V1Node> {
  return own.cluster.kubernetes.read({ apiVersion: 'v1', kind: 'Node', metadata: { name: machine.name } })
}

/** Where a pod that tolerates nothing and may run anywhere is put, if it is. */
async function placed(name: string, onlyOn: Machine): Promise<boolean> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } }
  const { spec } = await own.cluster.kubernetes.read<V1Pod>(pod)
  return spec?.nodeName === onlyOn.name
}

function podFor(name: string, machine: Machine): KubernetesObject & { spec: object } {
  const container = { name: 'pause', image: 'holdfast.local/pause:1.0.0', imagePullPolicy: 'Never' }
  const nodeSelector = { 'kubernetes.io/hostname': machine.name }
  const spec = { nodeSelector, containers: [container], terminationGracePeriodSeconds: 0 }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }
}

test.for([
  { name: 'cordon', inject: (machine: Machine) => faults.cordon(machine) },
  { name: 'taint', inject: (machine: Machine) => faults.taint(machine) },
])('a $name keeps pods from a Node, and only until it is healed', async ({ name, inject }) => {
  const machine = nth(own.cluster.workers)
  const before = (await nodeOf(machine)).spec
  const lease = await inject(machine)
  await expect(inject(machine)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
  await own.cluster.kubernetes.apply(podFor(name, machine))
  await holdsFor('the pod to wait', async () => !(await placed(name, machine)), { forMs: 1_500, everyMs: 250 })
  await lease.heal()
  await eventually('the pod to be placed', () => placed(name, machine), { withinMs })
  expect((await nodeOf(machine)).spec).toEqual(before)
  await expect(inject(nth(own.cluster.etcd))).rejects.toMatchObject(unavailable)
})

async function uids(): Promise<string[]> {
  return (await workloads.pods('web')).map(({ metadata }) => metadata?.uid ?? '')
}

test('pods are deleted, by force too, and evicted as far as their budget goes', async () => {
  const one = { ...web, count: 1 }
  for (const inject of [
    () => faults.deletePods(one),
    () => faults.deletePods({ ...one, force: true }),
    () => faults.evict(one),
  ]) {
    const before = await uids()
    const lease = await inject()
    expect(
      (await uids()).filter((uid) => before.includes(uid)),
      lease.fault.name,
    ).toHaveLength(2)
    await lease.heal()
    await workloads.settled('web')
  }
  await workloads.disruptionBudget('web', 3)
  await eventually(
    'the budget to count',
    async () => {
      const [budget] = await own.cluster.kubernetes.list('policy/v1', 'PodDisruptionBudget', namespace)
      return (budget as { status?: { currentHealthy?: number } } | undefined)?.status?.currentHealthy === 3
    },
    { withinMs },
  )
  const before = await uids()
  await expect(faults.evict(web)).rejects.toMatchObject({ code: 'HF_FAULT_UNPROVEN' })
  expect((await uids()).sort()).toEqual(before.sort())
  await expect(faults.deletePods({ namespace, selector: 'app=nobody' })).rejects.toMatchObject(unavailable)
})

test('a Node that is deleted is back, with its pods reachable, once healed', async () => {
  const machine = nth(own.cluster.workers, 1)
  const { metadata: before } = await nodeOf(machine)
  const lease = await faults.deleteNode(machine)
  await expect(nodeOf(machine)).rejects.toMatchObject({ code: 404 })
  await lease.heal()
  const { metadata, spec } = await nodeOf(machine)
  expect(metadata?.uid).not.toBe(before?.uid)
  expect(metadata?.labels).toEqual(before?.labels)
  expect(spec?.podCIDR).toBe(machine.spec.podRange)
  const routes = await shell(nth(own.cluster.workers), 'ip route')
  expect(routes).toContain(`${machine.spec.podRange} via ${machine.spec.address}`)
})

test('an API server whose view is frozen answers from the past, until it is healed', async () => {
  const machine = nth(own.cluster.controlPlane)
  const [frozen, other] = own.cluster.kubernetes.servers as [ApiServer, ApiServer]
  const path = `/api/v1/namespaces/${namespace}/configmaps/seen`
  const value = async (server: ApiServer, query: string): Promise<string | undefined> => {
    const { status, body } = await apiRequest(server, 'GET', path + query, { timeoutMs: 10_000 })
    return status === 200 ? (JSON.parse(body) as { data: { value: string } }).data.value : String(status)
  }
  const map = (text: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'seen', namespace },
    data: { value: text },
  })
  await other.objects.create(map('old'))
  await eventually('both to know', async () => (await value(frozen, '?resourceVersion=0')) === 'old', { withinMs })
  const lease = await faults.freezeView(machine)
  await other.objects.replace(map('new'))
  await eventually('the other to know', async () => (await value(other, '?resourceVersion=0')) === 'new', { withinMs })
  await holdsFor('the frozen one to know nothing', async () => (await value(frozen, '?resourceVersion=0')) === 'old', {
    forMs: 1_000,
  })
  // What asks etcd itself is answered as ever.
  expect(await value(frozen, '')).toBe('new')
  expect((await apiRequest(frozen, 'GET', '/livez', { timeoutMs: 10_000 })).status).toBe(200)
  await lease.heal()
  await eventually('it to know', async () => (await value(frozen, '?resourceVersion=0')) === 'new', { withinMs })
  const left = 'nft list tables | grep holdfast; ls -A /run/holdfast; ps -eo args | grep "[e]tcd-proxy"; true'
  expect(await shell(machine, left)).toBe('')
  await expect(faults.freezeView(nth(own.cluster.workers))).rejects.toMatchObject(unavailable)
})

test('when its agent is killed, a frozen view thaws by itself', async () => {
  const machine = nth(own.cluster.controlPlane, 1)
  const [, frozen] = own.cluster.kubernetes.servers as [ApiServer, ApiServer]
  const lease = await faults.freezeView(machine)
  const { pid } = await machine.call('hello', {})
  await shell(machine, `kill -9 ${pid}`)
  await eventually(
    'the rules to be gone',
    async () =>
      (await shell(machine, 'nft list tables')) !== '' &&
      !(await shell(machine, 'nft list tables')).includes('holdfast'),
    {
      withinMs: 10_000,
    },
  )
  await eventually(
    'it to answer',
    async () => (await apiRequest(frozen, 'GET', '/readyz', { timeoutMs: 5_000 })).status === 200,
    { withinMs },
  )
  await lease.heal()
})

/** What the engine says that a machine uses. */
async function used(machine: Machine): Promise<{ cpu: number; megabytes: number }> {
  const format = '{{.CPUPerc}} {{.MemUsage}}'
  const argv = ['stats', '--no-stream', '--format', format, machine.containerId]
  const [cpu = '', memory = ''] = (await promisify(execFile)('docker', argv)).stdout.split(' ')
  const unit = { KiB: 1 / 1024, MiB: 1, GiB: 1024 }[/[KMG]iB/.exec(memory)?.[0] ?? ''] ?? 0
  return { cpu: Number.parseFloat(cpu), megabytes: Number.parseFloat(memory) * unit }
}

/** How many requests of ordinary service accounts this API server has turned away so far, by its own metrics. */
async function turnedAway(server: ApiServer): Promise<number> {
  const { body } = await apiRequest(server, 'GET', '/metrics', { timeoutMs: 10_000 })
  const lines = body.split('\n').filter((line) => line.startsWith('apiserver_flowcontrol_rejected_requests_total'))
  return lines
    .filter((line) => line.includes('priority_level="workload-low"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

async function loadNamespaces(): Promise<string[]> {
  const all = await own.cluster.kubernetes.list('v1', 'Namespace')
  return all
    .map(({ metadata }) => metadata?.name ?? '')
    .filter((name) => /^holdfast-(api-flood|event-storm)/.test(name))
}

test('a service account that floods an API server is turned away, until it stops', async () => {
  const machine = nth(own.cluster.controlPlane)
  const server = nth(own.cluster.kubernetes.servers)
  const before = await turnedAway(server)
  const lease = await faults.apiFlood(machine)
  const during = await turnedAway(server)
  expect(during).toBeGreaterThan(before)
  await lease.heal()
  const after = await turnedAway(server)
  await holdsFor('nobody to be turned away', async () => (await turnedAway(server)) === after, { forMs: 1_000 })
  expect(await loadNamespaces()).toEqual([])
  const worker = nth(own.cluster.workers)
  await expect(faults.apiFlood(worker)).rejects.toMatchObject(unavailable)
})

test('a storm of Events is in etcd while it lasts, and gone with it', async () => {
  const machine = nth(own.cluster.controlPlane)
  const lease = await faults.eventStorm(machine)
  const [namespace] = await loadNamespaces()
  const stored = (): Promise<string> =>
    shell(
      nth(own.cluster.etcd),
      `etcdctl ${etcdCredentials} get --prefix --keys-only --limit=500 /registry/events/${namespace}/ | grep -c storm- || true`,
    )
  expect(Number(await stored())).toBeGreaterThanOrEqual(200)
  await lease.heal()
  expect(await stored()).toBe('0')
  expect(await loadNamespaces()).toEqual([])
})

const etcdCredentials = '--cacert=/etc/etcd/pki/ca.crt --cert=/etc/etcd/pki/client.crt --key=/etc/etcd/pki/client.key'

test('a hog uses what it was given and no more, and is gone when healed', async () => {
  const machine = nth(own.cluster.workers, 2)
  const before = await used(machine)
  await using memory = await faults.hogMemory(machine, { megabytes: 300 })
  await using cpu = await faults.hogCpu(machine, { cores: 0.5 })
  const during = await used(machine)
  expect(during.megabytes).toBeGreaterThan(before.megabytes + 280)
  expect(during.cpu).toBeGreaterThan(20)
  await cpu.heal()
  await memory.heal()
  expect((await used(machine)).megabytes).toBeLessThan(during.megabytes - 280)
  expect(await shell(machine, 'ls -d /sys/fs/cgroup/*/holdfast* 2>/dev/null; ls -A /run/holdfast; true')).toBe('')
})
