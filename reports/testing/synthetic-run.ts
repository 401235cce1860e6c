import type { JournalRecord } from '../../harness/record/records.ts'
import { SyntheticJournal } from './synthetic-journal.ts'

const nodes = ['control-plane1', 'control-plane2', 'worker1', 'worker2', 'worker3']
const sources = [...nodes, 'pod:client']

/** Builds a synthetic run with every kind of record that a report draws. `everyMs` between probe attempts sets its size. */
export function syntheticRun(everyMs = 500): JournalRecord[] {
  const journal = new SyntheticJournal().run().wait(13_000).cluster()
  for (const node of nodes) journal.node(node, 'True')
  for (const machine of ['control-plane1', 'control-plane2']) {
    journal.add({
      kind: 'config',
      machine,
      component: 'kube-scheduler',
      source: '/configz',
      values: { 'leaderElection.leaseDuration': '15s', 'leaderElection.retryPeriod': '2s' },
    })
    journal.add({
      kind: 'config',
      machine,
      component: 'kube-apiserver',
      source: 'command line',
      values: { 'bind-address': `172.31.0.2${machine.at(-1)}`, 'etcd-servers': 'https://etcd1:2379' },
    })
  }
  journal.hold('kube-scheduler', 'control-plane1').hold('kube-controller-manager', 'control-plane2').wait(500)
  journal
    .scenario('kill-scheduler', killScheduler)
    .wait(2000)
    .scenario('partition-etcd', partitionEtcd)
    .wait(2000)
    .scenario('drain-node', drainNode)
  return journal.records

  function probes(
    run: SyntheticJournal,
    ms: number,
    ok: (source: string, offset: number) => boolean = () => true,
  ): void {
    for (const source of sources) {
      for (const protocol of ['tcp', 'udp'] as const)
        run.attempts(source, protocol, Math.floor(ms / everyMs), everyMs, (index) => ok(source, index * everyMs))
    }
  }

  function samples(run: SyntheticJournal): void {
    for (const from of sources) {
      for (const protocol of ['tcp', 'udp'] as const) {
        const backends = Object.fromEntries(
          [1, 2, 3, 4, 5, 6].map((n) => [
            `web-6d9f7c8b5-${n}x${n}qz`,
            50 + ((n * 7 + from.length + protocol.charCodeAt(0)) % 13) - 6,
          ]),
        )
        run.add({
          kind: 'sample',
          endedAt: run.now + 900,
          from,
          service: 'hf-drain-node/web',
          protocol,
          attempts: 300,
          failed: 0,
          backends,
        })
      }
    }
  }

  function killScheduler(run: SyntheticJournal): void {
    probes(run, 70_000)
    const target = { machines: ['control-plane1'], component: 'kube-scheduler' }
    run.add({ kind: 'step', name: 'web has 6 replicas' }).wait(4000)
    run
      .fault('f1', 'kill', target, 'intent')
      .wait(40)
      .fault('f1', 'kill', target, 'injected')
      .hold('kube-scheduler', '')
    run.add({ kind: 'step', name: 'scaled to 8' }).wait(15_500).hold('kube-scheduler', 'control-plane2').wait(3000)
    const second = { machines: ['control-plane2'], component: 'kube-scheduler' }
    run.fault('f2', 'stop', second, 'injected').add({ kind: 'step', name: 'scaled to 10 without a scheduler' })
    run.hold('kube-scheduler', '')
    for (let n = 0; n < 30; n++) run.wait(600).warning('FailedScheduling', `web-${n % 3}`, 'no node is available')
    run.fault('f2', 'stop', second, 'healed').wait(30).fault('f1', 'kill', target, 'healed').wait(3000)
    run.hold('kube-scheduler', 'control-plane1').wait(5000).add({ kind: 'step', name: 'settled' })
    run
      .add({
        kind: 'gap',
        source: 'control-plane2',
        resource: 'nodes',
        until: run.now + 1200,
        reason: 'the watch was cut',
      })
      .wait(10_000)
  }

  function partitionEtcd(run: SyntheticJournal): void {
    const start = run.now
    probes(run, 60_000)
    const cut = [
      { from: 'etcd2', to: 'etcd1' },
      { from: 'etcd2', to: 'etcd3' },
      { from: 'etcd1', to: 'etcd2' },
      { from: 'etcd3', to: 'etcd2' },
    ]
    for (let offset = 0; offset < 60_000; offset += 100) {
      run.now = start + offset
      if (offset % 2000 === 0) run.wait(1)
      if (offset === 8000) run.fault('p1', 'partition', { machines: ['etcd2'], cut }, 'injected')
      if (offset === 20_000) run.fault('p1', 'partition', { machines: ['etcd2'], cut }, 'healed')
      if (offset === 28_000) run.fault('p2', 'kill', { machines: ['etcd1', 'etcd3'], component: 'etcd' }, 'injected')
      if (offset === 48_000) run.fault('p2', 'kill', { machines: ['etcd1', 'etcd3'], component: 'etcd' }, 'healed')
      const quorum = offset < 28_000 || offset > 50_000
      if (offset < 9200) run.etcdStatus('etcd2', 4)
      else if (quorum) run.etcdStatus('etcd1', 5)
      else run.etcdStatus('', 5, ['etcd1', 'etcd3'])
      for (const via of ['etcd1', 'etcd2', 'etcd3', 'apiserver@control-plane1', 'apiserver@control-plane2']) {
        const cutOff = via === 'etcd2' && offset > 8000 && offset < 20_000
        const key = `w-${via}-${offset}`
        run.add({
          kind: 'write',
          endedAt: run.now + 4,
          via,
          key,
          value: '1',
          outcome: cutOff || !quorum ? 'unknown' : 'acked',
        })
      }
    }
  }

  function drainNode(run: SyntheticJournal): void {
    probes(run, 80_000, (source, offset) => source !== 'worker2' || offset < 30_000 || offset > 36_000)
    run.add({ kind: 'step', name: 'web has 6 replicas under a budget of 5' }).wait(5000)
    run
      .fault('d1', 'drain', { machines: ['worker1'] }, 'injected')
      .node('worker1', 'True', true)
      .wait(17_000)
    const argv = ['kubectl', 'drain', 'worker1', '--ignore-daemonsets']
    run.add({
      kind: 'command',
      endedAt: run.now + 17_000,
      machine: 'control-plane1',
      argv,
      exitCode: 0,
      stdout: 'node/worker1 cordoned\nevicting pod hf-drain-node/web-1\nnode/worker1 drained\n',
      stderr: '',
    })
    run
      .fault('d1', 'drain', { machines: ['worker1'] }, 'healed')
      .node('worker1', 'True')
      .wait(8000)
    run
      .fault('d2', 'lose-machine', { machines: ['worker2'] }, 'injected', true)
      .wait(42_000)
      .node('worker2', 'Unknown')
      .wait(3000)
    samples(run)
    run.wait(5000)
  }
}
