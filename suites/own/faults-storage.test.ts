import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { CoreV1Event, KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Machine } from '../../harness/cluster/machine.ts'
import { eventually } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { podImages } from '../../harness/images/versions.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'

/*
 * Faults of disks, on one cluster. Whether one bit is seen by a client of etcd or of the API that knows nothing of how it
 * is done, and what it leaves is looked for in the machine from outside.
 */

let own: OwnCluster
let faults: Faults
const ended = new AbortController()

beforeAll(async () => {
  own = await ownCluster('ha', { signal: ended.signal })
  faults = new Faults(own.cluster, own.emit, () => Promise.resolve(), ended.signal)
})
afterAll(async () => {
  await faults?.[Symbol.asyncDispose]()
  await own?.[Symbol.asyncDispose]()
})

/** One of a list that has to be there. */
function nth<T>(list: readonly T[], n = 0): T {
  const one = list[n]
  if (one === undefined) throw new Error(`there is no number ${n} in ${list.length}`)
  return one
}

function otherThan(member: Machine): Machine {
  return nth(own.cluster.etcd.filter((one) => one !== member))
}

const withinMs = 60_000
let n = 0

/** A write through one member, as a client of the cluster would make it from another machine. */
async function put(member: Machine, timeoutMs: number): Promise<string> {
  const asker = otherThan(member)
  const { status, body } = await asker.call('http', {
    url: `https://${member.spec.address}:2379/v3/kv/put`,
    method: 'POST',
    body: JSON.stringify({ key: base64(`test/${member.name}`), value: base64(String(n++)) }),
    certificate: '/etc/etcd/pki/client.crt',
    key: '/etc/etcd/pki/client.key',
    authority: '/etc/etcd/pki/ca.crt',
    timeoutMs,
  })
  return status === 200 ? 'acked' : body
}

function leftUnanswered(member: Machine): Promise<boolean> {
  const unanswered = (): Promise<boolean> =>
    put(member, 1_500).then(
      () => false,
      () => true,
    )
  return eventually('a write through it to be left unanswered', unanswered, { withinMs })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function shell(machine: Machine, script: string): Promise<string> {
  return (await promisify(execFile)('docker', ['exec', machine.containerId, 'sh', '-c', script])).stdout.trim()
}

/** Everything by which a fault of a disk could be known. */
async function residue(machine: Machine): Promise<string> {
  return shell(
    machine,
    `ls -d /var/lib/etcd/*holdfast* /opt/holdfast/sv/etcd/*.holdfast /run/holdfast/*.process 2>/dev/null
     grep /run/holdfast /proc/mounts; losetup --list --noheadings | grep holdfast-disk
     ps -eo args | grep -E '[h]oldfast-freeze|[f]sfreeze'; [ -L /var/lib/etcd/data ] && echo link; true`,
  )
}

async function pickFollower(): Promise<Machine> {
  return nth(await own.cluster.followers('etcd')).machine
}

async function clean(): Promise<void> {
  for (const member of own.cluster.etcd) expect(await residue(member), member.name).toBe('')
  await eventually('all members to agree', () => own.cluster.etcdAgrees(), { withinMs })
}

test('a member with a disk that stands still takes no writes, until it is thawed', async () => {
  const member = await pickFollower()
  const other = otherThan(member)
  const stalled = await faults.stallDisk(member)
  await leftUnanswered(member)
  expect(await put(other, 5_000)).toBe('acked')
  expect(await shell(member, 'timeout 5 fsfreeze -f /run/holdfast/disk 2>&1 || true')).toContain('busy')
  await stalled.heal()
  expect(await put(member, 5_000)).toBe('acked')
  await clean()
})

test('when its agent is killed, a frozen disk is thawed without it', async () => {
  const member = await pickFollower()
  const stalled = await faults.stallDisk(member)
  const { pid } = await member.call('hello', {})
  await leftUnanswered(member)
  await shell(member, `kill -9 ${pid}`)
  await eventually('a write through it to be taken', async () => (await put(member, 1_500)) === 'acked', {
    withinMs: 5_000,
  })
  // The next agent finds the lease, and gives the disk back.
  await member.call('recovered', {})
  await stalled.heal()
  await eventually('the member to serve', async () => (await put(member, 1_500)) === 'acked', { withinMs })
  await clean()
})

test('a slow disk makes writes slow, and only while it lasts', async () => {
  const member = await pickFollower()
  const turn = { frozenMs: 400, thawedMs: 50 }
  // Several quick writes fit between two freezes: over two turns at least one write meets a freeze.
  const worst = async (): Promise<number> => {
    let worst = 0
    const first = performance.now()
    while (performance.now() - first < 2 * (turn.frozenMs + turn.thawedMs)) {
      const began = performance.now()
      expect(await put(member, 10_000)).toBe('acked')
      worst = Math.max(worst, performance.now() - began)
    }
    return worst
  }
  const slow = await faults.slowDisk(member, turn)
  expect(await worst()).toBeGreaterThan(200)
  await slow.heal()
  await eventually('writes to be quick again', async () => (await worst()) < 200, { withinMs })
  await clean()
})

test('a member with a full disk is gone until there is space', async () => {
  const member = await pickFollower()
  const full = await faults.fillDisk(member)
  await expect(put(member, 1_500)).rejects.toThrow(/ECONNREFUSED/)
  expect(await shell(member, 'df --output=avail /run/holdfast/disk | tail -1')).toBe('0')
  await full.heal()
  expect(await put(member, 5_000)).toBe('acked')
  await clean()
})

test('over its quota the cluster refuses writes, and takes them again after', async () => {
  const member = await pickFollower()
  const other = otherThan(member)
  const alarm = await faults.quotaAlarm(member, { headroomMegabytes: 4 })
  expect(await put(other, 5_000)).toContain('space exceeded')
  await expect(own.cluster.writable()).rejects.toThrow()
  await alarm.heal()
  expect(await own.cluster.writable()).toBe(true)
  await clean()
})

test('a member that was wiped comes back as another one and has everything', async () => {
  const member = await pickFollower()
  const other = otherThan(member)
  expect(await put(other, 5_000)).toBe('acked')
  const ids = (): Promise<string> =>
    shell(other, `ETCDCTL_API=3 etcdctl ${credentials} member list | grep ${member.name}, | cut -d, -f1`)
  const before = await ids()
  const wiped = await faults.wipeMember(member)
  expect(await shell(member, 'ls /var/lib/etcd')).toBe('')
  await expect(put(member, 1_500)).rejects.toThrow(/ECONNREFUSED/)
  await wiped.heal()
  expect(await ids()).not.toBe(before)
  const local = `etcdctl ${credentials} get --consistency=s --print-value-only test/${other.name}`
  expect(Number(await shell(member, local))).toBeGreaterThan(0)
  await clean()
})

const credentials = '--cacert=/etc/etcd/pki/ca.crt --cert=/etc/etcd/pki/client.crt --key=/etc/etcd/pki/client.key'

/** A pod that is bound to its Node from the beginning: only its kubelet has a say. */
function podOn(machine: Machine): KubernetesObject & { spec: object } {
  const container = { name: 'pause', image: podImages.pause, imagePullPolicy: 'Never' }
  const spec = { nodeName: machine.name, containers: [container], terminationGracePeriodSeconds: 0 }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'full', namespace: 'default' }, spec }
}

test('on a Node with a full disk of images no container is made, until there is space', async () => {
  const { cluster } = own
  const machine = nth(cluster.workers)
  const pod = podOn(machine)
  const full = await faults.fillImageDisk(machine)
  await cluster.kubernetes.apply(pod)
  await eventually(
    'its kubelet to complain of the disk',
    async () => {
      const events = await cluster.kubernetes.list<CoreV1Event>('v1', 'Event', 'default')
      return events.some(
        ({ involvedObject, message }) => involvedObject.name === 'full' && message?.includes('no space left on device'),
      )
    },
    { withinMs, everyMs: 250 },
  )
  await full.heal()
  await eventually(
    'the pod to run',
    async () => (await cluster.kubernetes.read<V1Pod>(pod)).status?.phase === 'Running',
    { withinMs, everyMs: 250 },
  )
  await cluster.kubernetes.delete(pod)
  expect(await shell(machine, 'grep holdfast- /proc/mounts; true')).toBe('')
  await expect(faults.fillImageDisk(nth(cluster.etcd))).rejects.toMatchObject({ code: 'HF_FAULT_UNAVAILABLE' })
})

test('what has no member, or no majority without it, is refused before anything is touched', async () => {
  const { cluster } = own
  const [first, second] = [nth(cluster.etcd), nth(cluster.etcd, 1)]
  const refused = { code: 'HF_FAULT_UNAVAILABLE' }
  await expect(faults.stallDisk(nth(cluster.workers))).rejects.toMatchObject(refused)
  await using _ = await faults.stop({ machine: second, component: 'etcd' })
  await expect(faults.wipeMember(first)).rejects.toMatchObject(refused)
  expect(await shell(first, 'ls /var/lib/etcd/data')).toContain('member')
})

test('a cluster whose etcd goes back to an older snapshot knows nothing of what came after, and goes on', async () => {
  const { cluster } = own
  const map = (name: string): KubernetesObject & { data: object } => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: {},
  })
  await cluster.kubernetes.apply(map('before'))
  const snapshot = await faults.snapshot()
  await cluster.kubernetes.apply(map('after'))
  const restored = await faults.restoreSnapshot(snapshot)
  expect(faults.dirty).toBe(true)
  await eventually('the API to take writes', () => cluster.writable(), { withinMs })
  await cluster.kubernetes.read(map('before'))
  await expect(cluster.kubernetes.read(map('after'))).rejects.toMatchObject({ code: 404 })
  await restored.heal()
  await clean()
})

test('a machine that is killed while its disk is frozen goes away all the same', async () => {
  const member = nth(own.cluster.etcd)
  await faults.stallDisk(member)
  const run = promisify(execFile)
  // Nobody who could thaw is left in it, and what writes there can't be killed.
  await expect(run('docker', ['kill', member.containerId], { timeout: 3_000 })).rejects.toThrow()
  await own[Symbol.asyncDispose]()
  const { stdout } = await run('docker', ['ps', '--all', '--quiet', '--filter', `label=holdfast=${own.cluster.run}`])
  expect(stdout).toBe('')
})
