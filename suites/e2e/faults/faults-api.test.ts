import type { KubernetesObject, V1Node, V1Pod } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { apiRequest } from '../../../harness/cluster/api/api-request.ts'
import type { ApiServer } from '../../../harness/cluster/api/kubernetes.ts'
import type { Machine } from '../../../harness/cluster/machine/machine.ts'
import { eventually, consistently } from '../../../harness/common/eventually.ts'
import type { ActiveFault } from '../../../harness/faults/engine/fault.ts'
import { targetsOf } from '../../../harness/faults/targets/target-selector.ts'
import { podImages } from '../../../harness/images/versions.ts'
import { Workloads } from '../../../harness/traffic/workloads/workloads.ts'
import { ownCluster } from '../../../harness/vitest/own-cluster.ts'
import { BreakableCluster, booted, nth } from './breakable-cluster.ts'
import { loadTests } from './faults-api/load.ts'
import { targetTests } from './faults-api/targets.ts'
import { shapeTests } from './faults-network/shapes.ts'
import { testEffect, refused } from './proving.ts'

/*
 * Faults through the API, between an API server and etcd, and of a machine's resources; partitions of more than two machines; and
 * target selectors by role and state. All share one cluster.
 */

let made: BreakableCluster | undefined
let workloads: Workloads
const ended = new AbortController()
const it = (): BreakableCluster => booted(made)
const namespace = 'faults'
const web = { namespace, selector: 'app=web' }
const withinMs = 60_000

beforeAll(async () => {
  made = new BreakableCluster(await ownCluster('ha', { signal: ended.signal }), ended.signal)
  workloads = new Workloads(it().own.cluster.kubernetes, namespace, ended.signal)
  await workloads.createNamespace()
  await workloads.deployment('web', { replicas: 3 })
  await workloads.rolloutComplete('web')
  await it().recordBaseline()
})
// A failed test leaves its fault active: revert it before the next test.
afterEach(() => made?.faults[Symbol.asyncDispose]())
afterAll(async () => {
  await made?.[Symbol.asyncDispose]()
  ended.abort()
})

const worker = (n = 0): Machine => nth(it().own.cluster.workers, n)
const master = (n = 0): Machine => nth(it().own.cluster.controlPlane, n)
const etcd = (): Machine => nth(it().own.cluster.etcd)

// Before any fault: leaders are stable.
targetTests(it, namespace)

async function nodeOf(machine: Machine): Promise<V1Node> {
  return it().own.cluster.kubernetes.read({ apiVersion: 'v1', kind: 'Node', metadata: { name: machine.name } })
}

/** Whether the scheduler placed the pod on this machine. */
async function placed(name: string, onlyOn: Machine): Promise<boolean> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } }
  const { spec } = await it().own.cluster.kubernetes.read<V1Pod>(pod)
  return spec?.nodeName === onlyOn.name
}

function podFor(name: string, machine: Machine): KubernetesObject & { spec: object } {
  const container = { name: 'pause', image: 'holdfast.local/pause:1.0.0', imagePullPolicy: 'Never' }
  const nodeSelector = { 'kubernetes.io/hostname': machine.name }
  const spec = { nodeSelector, containers: [container], terminationGracePeriodSeconds: 0 }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }
}

async function keepsPodsAway(name: string, inject: (machine: Machine) => Promise<ActiveFault>): Promise<void> {
  const machine = worker()
  const before = (await nodeOf(machine)).spec
  const active = await inject(machine)
  await expect(inject(machine)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
  await it().own.cluster.kubernetes.apply(podFor(name, machine))
  await consistently('the pod to stay Pending', async () => !(await placed(name, machine)), {
    forMs: 1_500,
    intervalMs: 250,
  })
  await active.heal()
  await eventually('the pod to be placed', () => placed(name, machine), { timeoutMs: withinMs })
  expect((await nodeOf(machine)).spec).toEqual(before)
}

testEffect('cordon', 'keeps pods off a Node until healed', it, () =>
  keepsPodsAway('cordon', (machine) => it().faults.cordon(machine)),
)
testEffect('taint', 'keeps pods off a Node until healed', it, () =>
  keepsPodsAway('taint', (machine) => it().faults.taint(machine)),
)

async function uids(): Promise<string[]> {
  return (await workloads.pods('web')).map(({ metadata }) => metadata?.uid ?? '')
}

testEffect(['delete-pods', 'force-delete', 'evict'], 'replaces one of three pods', it, async () => {
  const one = { ...web, count: 1 }
  for (const inject of [
    () => it().faults.deletePods(one),
    () => it().faults.forceDelete(one),
    () => it().faults.evict(one),
  ]) {
    const before = await uids()
    const active = await inject()
    expect(
      (await uids()).filter((uid) => before.includes(uid)),
      active.fault.name,
    ).toHaveLength(2)
    await active.heal()
    await workloads.rolloutComplete('web')
  }
})

/** Creates a pod that has completed and is still listed, first by name. */
async function podThatEnded(name: string, labels: Record<string, string>): Promise<V1Pod> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels } }
  const container = { name: 'agnhost', image: podImages.agnhost, imagePullPolicy: 'IfNotPresent', args: ['help'] }
  const spec = { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [container] }
  await it().own.cluster.kubernetes.apply({ ...pod, spec } as never)
  return eventually(
    `${name} to be Succeeded`,
    async () => {
      const seen = await it().own.cluster.kubernetes.read<V1Pod>(pod)
      return seen.status?.phase === 'Succeeded' && seen
    },
    { timeoutMs: withinMs },
  )
}

testEffect(['delete-pods', 'evict'], 'skips a completed pod for a running one', it, async () => {
  const over = await podThatEnded('web-0-done', { app: 'web' })
  for (const inject of [
    () => it().faults.deletePods({ ...web, count: 1 }),
    () => it().faults.evict({ ...web, count: 1 }),
  ]) {
    const before = await uids()
    const active = await inject()
    expect(active.evidence[0]?.facts).toMatchObject({ pods: 1, containers: 1 })
    const left = (await uids()).filter((uid) => before.includes(uid))
    expect(left).toContain(over.metadata?.uid)
    expect(left).toHaveLength(before.length - 1)
    await active.heal()
    await workloads.rolloutComplete('web')
  }
  const [target] = await targetsOf('container', `${namespace}/web/agnhost`, it().own.cluster, (from) => nth(from))
  expect(target?.pod).not.toBe('web-0-done')
  await workloads.removePod('web-0-done')
})

refused(['delete-pods', 'force-delete', 'evict'], 'pods without running containers', it, async () => {
  await podThatEnded('over', { app: 'over' })
  const over = { namespace, selector: 'app=over' }
  return [() => it().faults.deletePods(over), () => it().faults.forceDelete(over), () => it().faults.evict(over)]
})

testEffect('drain', 'empties a Node, which accepts no pods until healed', it, async () => {
  const machine = worker()
  const onIt = async (): Promise<number> =>
    (await workloads.pods('web')).filter(({ spec, metadata }) => {
      return spec?.nodeName === machine.name && !metadata?.deletionTimestamp
    }).length
  await it().own.cluster.kubernetes.apply(podFor('drained', machine))
  await eventually('the pod to be placed', () => placed('drained', machine), { timeoutMs: withinMs })
  const active = await it().faults.drain(machine, { timeoutSeconds: 60 })
  await expect(placed('drained', machine)).rejects.toMatchObject({ code: 404 })
  expect(await onIt()).toBe(0)
  await it().own.cluster.kubernetes.apply(podFor('drained', machine))
  await consistently('the pod to stay Pending', async () => !(await placed('drained', machine)), {
    forMs: 1_000,
    intervalMs: 250,
  })
  await active.heal()
  await eventually('the pod to be placed', () => placed('drained', machine), { timeoutMs: withinMs })
  await workloads.rolloutComplete('web')
})

refused(['delete-pods', 'force-delete', 'evict'], 'absent pods and pods that a budget protects', it, async () => {
  await workloads.disruptionBudget('web', 3)
  await eventually(
    'the budget to count',
    async () => {
      const [budget] = await it().own.cluster.kubernetes.list('policy/v1', 'PodDisruptionBudget', namespace)
      return (budget as { status?: { currentHealthy?: number } } | undefined)?.status?.currentHealthy === 3
    },
    { timeoutMs: withinMs },
  )
  const before = await uids()
  const absent = { namespace, selector: 'app=absent' }
  return [
    () => it().faults.evict(web),
    async () => {
      expect((await uids()).sort()).toEqual(before.sort())
      await it().faults.evict(absent)
    },
    () => it().faults.deletePods(absent),
    () => it().faults.forceDelete(absent),
  ]
})

testEffect('delete-node', 'restores the Node and the routes to its pods when healed', it, async () => {
  const machine = worker(1)
  const { metadata: before } = await nodeOf(machine)
  const active = await it().faults.deleteNode(machine)
  await expect(nodeOf(machine)).rejects.toMatchObject({ code: 404 })
  await active.heal()
  const { metadata, spec } = await nodeOf(machine)
  expect(metadata?.uid).not.toBe(before?.uid)
  expect(metadata?.labels).toEqual(before?.labels)
  expect(spec?.podCIDR).toBe(machine.spec.podRange)
  const routes = await it().shell(worker(), 'ip route')
  expect(routes).toContain(`${machine.spec.podRange} via ${machine.spec.address}`)
})

refused(['cordon', 'taint', 'drain', 'delete-node'], 'a machine that is not a Node', it, async () => [
  () => it().faults.cordon(etcd()),
  () => it().faults.taint(etcd()),
  () => it().faults.drain(etcd(), { timeoutSeconds: 10 }),
  () => it().faults.deleteNode(etcd()),
])

testEffect('freeze-view', 'the API server serves an old state from its cache until healed', it, async () => {
  const machine = master()
  const [frozen, other] = it().own.cluster.kubernetes.servers as [ApiServer, ApiServer]
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
  await eventually(
    'both servers to serve the old value',
    async () => (await value(frozen, '?resourceVersion=0')) === 'old',
    { timeoutMs: withinMs },
  )
  const active = await it().faults.freezeView(machine)
  await other.objects.replace(map('new'))
  await eventually(
    'the other server to serve the new value',
    async () => (await value(other, '?resourceVersion=0')) === 'new',
    { timeoutMs: withinMs },
  )
  await consistently(
    'the frozen server to serve the old value',
    async () => (await value(frozen, '?resourceVersion=0')) === 'old',
    {
      forMs: 1_000,
    },
  )
  // Consistent reads, which go to etcd, see the new value.
  expect(await value(frozen, '')).toBe('new')
  expect((await apiRequest(frozen, 'GET', '/livez', { timeoutMs: 10_000 })).status).toBe(200)
  await active.heal()
  await eventually(
    'the healed server to serve the new value',
    async () => (await value(frozen, '?resourceVersion=0')) === 'new',
    { timeoutMs: withinMs },
  )
  const left = 'nft list tables | grep holdfast; ls -A /run/holdfast; ps -eo args | grep "[e]tcd-proxy"; true'
  expect(await it().shell(machine, left)).toBe('')
})

testEffect('freeze-view', 'ends by itself when its agent is killed', it, async () => {
  const machine = master(1)
  const [, frozen] = it().own.cluster.kubernetes.servers as [ApiServer, ApiServer]
  const active = await it().faults.freezeView(machine)
  const { pid } = await machine.call('hello', {})
  await it().shell(machine, `kill -9 ${pid}`)
  await eventually(
    'the rules to be removed',
    async () => {
      const tables = await it().shell(machine, 'nft list tables')
      return tables !== '' && !tables.includes('holdfast')
    },
    { timeoutMs: 10_000 },
  )
  await eventually(
    'the API server to answer',
    async () => (await apiRequest(frozen, 'GET', '/readyz', { timeoutMs: 5_000 })).status === 200,
    { timeoutMs: withinMs },
  )
  await active.heal()
})

refused('freeze-view', 'a machine without an API server', it, async () => [() => it().faults.freezeView(worker())])

loadTests(it)
shapeTests(it)
