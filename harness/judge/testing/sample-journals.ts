import type { JournalRecord } from '../../record/records.ts'
export { consistency } from './consistency-sample.ts'
import { withSnapshots } from './snapshots.ts'
import { JournalBuilder } from './journal-builder.ts'
import { nodeObject, nodes, start } from './cluster-facts.ts'

export { kubeProxyRules } from './proxy-sample.ts'

/*
 * One sound sample journal for each scenario. A negative control changes one, and has to fail for that reason only.
 * `before` is called before the end, to add wrong records.
 */

type Before = (builder: JournalBuilder) => void

const workers = ['worker1', 'worker2', 'worker3'] as const

function webPods(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`web-${n + 1}`, workers[n % 3] ?? 'worker1']))
}

function evenly(pods: readonly string[], each = 100): Record<string, number> {
  return Object.fromEntries(pods.map((pod, n) => [pod, each + (n % 2 === 0 ? 4 : -4)]))
}

export function workedExample(before: Before = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('worked-example')
  const { namespace } = builder
  builder.leads('control-plane1', 5, 20_000)
  builder.request(1_000, { resource: 'deployments', name: 'hello' }).deployment(1_010, 'hello', 2, 'added')
  builder.request(1_030, {
    resource: 'replicasets',
    user: 'system:serviceaccount:kube-system:deployment-controller',
    name: 'hello-5d',
  })
  const owner = { kind: 'Deployment', name: 'hello', uid: builder.uid('deployments', namespace, 'hello') }
  const set = { metadata: { ownerReferences: [owner] }, spec: { replicas: 2 } }
  builder.object(1_035, 'replicasets', namespace, 'hello-5d', set, 'added')
  builder.pod(1_080, 'hello-1', 'worker1', 'control-plane1', 'hello')
  builder.pod(1_090, 'hello-2', 'worker2', 'control-plane1', 'hello')
  builder.request(4_000, { resource: 'services', name: 'hello' }).service(4_010, 'hello', '10.96.0.50')
  builder.slice(4_050, 'hello', { 'hello-1': 'worker1', 'hello-2': 'worker2' })
  const row = (pod: string, node: string): string =>
    `${namespace}  ${pod}  1/1  Running  0  5s  10.244.1.2  ${node}  <none>`
  builder.add(6_000, {
    kind: 'command',
    endedAt: start + 6_300,
    machine: 'control-plane1',
    argv: ['kubectl', 'get', 'pods', '--all-namespaces', '-o', 'wide'],
    exitCode: 0,
    stdout: ['NAMESPACE NAME', row('hello-1', 'worker1'), row('hello-2', 'worker2')].join('\n'),
    stderr: '',
  })
  builder.samples(8_000, 'hello', { 'hello-1': 104, 'hello-2': 96 })
  builder.census(10_000, { 'hello-1': 'worker1', 'hello-2': 'worker2' })
  before(builder)
  return withSnapshots(builder.journal(20_000), { 8_000: nodes })
}

/** The leader is killed at 10 s and another one takes over at 28 s; both are down from 40 s to 60 s. */
export function killScheduler(before: Before = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('kill-scheduler')
  const pods = webPods(6)
  builder
    .leads('control-plane1', 5, 9_000)
    .leads('control-plane2', 28_000, 39_500, 'b')
    .leads('control-plane1', 64_000, 90_000, 'c')
  builder.deployment(1_000, 'web', 6, 'added').replicaSet(1_020, 'web', 6, 'added')
  for (const [pod, node] of Object.entries(pods)) builder.pod(1_050, pod, node, 'control-plane1')
  builder.service(3_000, 'web', '10.96.0.9').slice(3_050, 'web', pods)
  builder
    .census(9_900, pods)
    .fault('f1', 'kill', { machines: ['control-plane1'], component: 'kube-scheduler' }, 10_000, 60_000)
  builder.deployment(10_100, 'web', 8).replicaSet(10_120, 'web', 8)
  for (const [pod, node] of [
    ['web-7', 'worker1'],
    ['web-8', 'worker2'],
  ] as const) {
    builder.pendingPod(10_150, pod).binding(28_200, pod, node, 'control-plane2').placed(28_210, pod, node)
  }
  const eight = { ...pods, 'web-7': 'worker1', 'web-8': 'worker2' }
  builder.slice(29_300, 'web', eight).census(39_000, eight)
  builder.fault('f2', 'stop', { machines: ['control-plane2'], component: 'kube-scheduler' }, 40_000, 60_010)
  builder.deployment(40_100, 'web', 10).replicaSet(40_120, 'web', 10)
  for (const [pod, node] of [
    ['web-9', 'worker3'],
    ['web-10', 'worker3'],
  ] as const) {
    builder.pendingPod(40_150, pod).binding(64_200, pod, node, 'control-plane1').placed(64_210, pod, node)
  }
  const ten = { ...eight, 'web-9': 'worker3', 'web-10': 'worker3' }
  builder.census(60_100, eight).slice(65_200, 'web', ten)
  builder.samples(80_000, 'web', evenly(Object.keys(ten))).census(85_000, ten)
  before(builder)
  return withSnapshots(builder.journal(90_000), { 80_000: nodes })
}

/**
 * etcd1 leads and is cut off from 10 s to 25 s, etcd2 is elected at 11.6 s; etcd1 and etcd3 are killed from 40 s to 60
 * s.
 */
export function partitionEtcd(before: Before = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('partition-etcd')
  const pods = webPods(6)
  builder.leads('control-plane1', 5, 88_000)
  builder.object(2, 'endpointslices', 'kube-system', 'dns', { metadata: {}, endpoints: [] }, 'listed')
  builder.service(500, 'web', '10.96.0.9').slice(600, 'web', pods)
  for (const [pod, node] of Object.entries(pods)) builder.pod(300, pod, node, 'control-plane1')
  const cut = ['etcd2', 'etcd3'].flatMap((peer) => [
    { from: 'etcd1', to: peer },
    { from: peer, to: 'etcd1' },
  ])
  builder.fault('f1', 'partition', { machines: ['etcd1'], cut }, 10_000, 25_000).census(39_000, pods)
  for (const [id, machine] of [
    ['f2', 'etcd1'],
    ['f3', 'etcd3'],
  ] as const) {
    builder.fault(id, 'kill', { machines: [machine], component: 'etcd' }, 40_000, 60_000)
  }
  builder.census(60_100, pods)
  for (let t = 100; t < 70_000; t += 100) {
    for (const member of ['etcd1', 'etcd2', 'etcd3']) {
      const isolated = member === 'etcd1' && t >= 10_000 && t < 25_000
      const dead = member !== 'etcd2' && t >= 40_000 && t < 60_500
      const lost = t >= 41_500 && t < 61_600
      const leader = isolated
        ? t < 11_300
          ? 'etcd1'
          : ''
        : t < 11_600
          ? t < 10_000
            ? 'etcd1'
            : ''
          : lost
            ? ''
            : 'etcd2'
      const term = isolated ? 2 : t < 11_600 ? 2 : t < 61_600 ? 3 : 4
      if (dead) builder.add(t, { kind: 'etcd', member, answered: false, error: 'refused' })
      else builder.add(t, { kind: 'etcd', member, answered: true, leader, term, revision: 5 })
    }
  }
  const kept: Record<'etcd' | 'apiserver', Record<string, string>> = { etcd: {}, apiserver: {} }
  for (const via of ['etcd1', 'etcd2', 'etcd3', 'apiserver@control-plane1', 'apiserver@control-plane2']) {
    for (let t = 150; t < 70_000; t += 500) {
      const [key, value] = [`${via}-${t}`, String(t)]
      const blocked =
        (t >= 10_000 && t < 12_000) || (t >= 37_500 && t < 62_000) || (via === 'etcd1' && t >= 10_000 && t < 25_500)
      if (!blocked) kept[via.startsWith('api') ? 'apiserver' : 'etcd'][key] = value
      const outcome = blocked ? 'unknown' : 'acked'
      builder.add(t, { kind: 'write', endedAt: start + t + (blocked ? 3_000 : 5), via, key, value, outcome })
    }
  }
  for (const via of ['etcd1', 'etcd2', 'etcd3', 'apiserver@control-plane1', 'apiserver@control-plane2']) {
    const store = via.startsWith('api') ? 'apiserver' : 'etcd'
    builder.add(75_000, { kind: 'read', endedAt: start + 75_100, via, store, values: kept[store] })
  }
  builder.probes(35_000, 65_000, () => 'web-1')
  builder.samples(80_000, 'web', evenly(Object.keys(pods)))
  before(builder)
  return builder.journal(90_000)
}

/** worker1 is drained from 10 s to 40 s, worker2 is lost at 50 s and marked Unknown at 97 s. */
export function drainNode(before: Before = () => undefined): JournalRecord[] {
  const builder = new JournalBuilder('drain-node')
  const { namespace } = builder
  const pods = webPods(6)
  builder.leads('control-plane1', 5, 120_000).deployment(1_000, 'web', 6, 'added').replicaSet(1_020, 'web', 6, 'added')
  for (const [n, node] of nodes.entries()) builder.renewals(node, n * 2_000, node === 'worker2' ? 50_000 : 119_000)
  for (const [pod, node] of Object.entries(pods)) builder.pod(1_050, pod, node, 'control-plane1')
  builder.service(3_000, 'web', '10.96.0.9').slice(3_050, 'web', pods)
  const budget = (currentHealthy: number) => ({
    metadata: {},
    spec: { minAvailable: 5, selector: { matchLabels: { app: 'web' } } },
    status: { currentHealthy, desiredHealthy: 5, disruptionsAllowed: Math.max(0, currentHealthy - 5) },
  })
  builder.object(4_000, 'poddisruptionbudgets', namespace, 'web', budget(6), 'added')
  builder.object(10_100, 'nodes', '', 'worker1', nodeObject('True', { unschedulable: true }))
  const evict = (t: number, name: string, code: number): JournalBuilder =>
    builder.request(t, { subresource: 'eviction', name, code, userAgent: 'kubectl/v1.37.2' })
  const ended = { ...pods }
  const replace = (t: number, old: string, fresh: string, node: string): void => {
    evict(t, old, 201)
    builder.object(
      t + 10,
      'pods',
      namespace,
      old,
      builder.podObject('web', { node: 'worker1', ready: true, ending: true }),
    )
    builder.pod(t + 30, fresh, node, 'control-plane1')
    ended[old] = '!worker1'
    builder.slice(t + 40, 'web', ended)
    ended[fresh] = node
    builder.slice(t + 1_000, 'web', ended)
    delete ended[old]
    builder.object(
      t + 9_000,
      'pods',
      namespace,
      old,
      builder.podObject('web', { node: 'worker1', ending: true }),
      'deleted',
    )
    builder.slice(t + 9_050, 'web', ended)
  }
  replace(10_200, 'web-1', 'web-7', 'worker2')
  evict(10_210, 'web-4', 429)
  replace(20_200, 'web-4', 'web-8', 'worker3')
  builder.fault('f1', 'drain', { machines: ['worker1'] }, 31_000, 40_000)
  builder.add(10_050, {
    kind: 'command',
    endedAt: start + 30_000,
    machine: 'control-plane1',
    argv: ['kubectl', 'drain', 'worker1', '--ignore-daemonsets'],
    exitCode: 0,
    stdout: '',
    stderr: '',
  })
  builder.object(39_900, 'nodes', '', 'worker1', nodeObject('True'))
  builder.fault('f2', 'lose-machine', { machines: ['worker2'] }, 50_000)
  builder.object(97_000, 'nodes', '', 'worker2', nodeObject('Unknown'))
  builder.object(97_100, 'nodes', '', 'worker2', nodeObject('Unknown', { taints: ['NoSchedule'] }))
  builder.object(97_200, 'nodes', '', 'worker2', nodeObject('Unknown', { taints: ['NoSchedule', 'NoExecute'] }))
  for (const [pod, node] of Object.entries(ended)) {
    if (node === 'worker2') builder.object(97_250, 'pods', builder.namespace, pod, builder.podObject('web', { node }))
  }
  const left = Object.fromEntries(
    Object.entries(ended).map(([pod, node]) => [pod, node === 'worker2' ? '!worker2' : node]),
  )
  builder.slice(97_500, 'web', left)
  const kept = Object.values(left).filter((node) => !node.startsWith('!')).length
  builder.object(97_600, 'poddisruptionbudgets', namespace, 'web', budget(kept))
  builder.probes(9_000, 50_000, () => 'web-3')
  const survivors = nodes.filter((node) => node !== 'worker2')
  builder.probes(50_000, 110_000, (t) => (t < 98_000 && t % 600 === 0 ? undefined : 'web-3'), survivors)
  const ready = Object.keys(left).filter((pod) => left[pod] !== '!worker2')
  builder.samples(112_000, 'web', evenly(ready), survivors)
  builder.census(5_000, pods).census(119_000, Object.fromEntries(ready.map((pod) => [pod, left[pod] ?? ''])))
  before(builder)
  return withSnapshots(builder.journal(120_000), { 6_000: nodes, 112_000: survivors })
}
