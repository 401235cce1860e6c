import type { CoreV1Event, KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { $ } from '../../../harness/host/shell.ts'
import { EtcdError } from '../../../harness/agent/etcd/etcd-client.ts'
import { clientUrl, etcdctlCredentials, etcdRequestFrom } from '../../../harness/cluster/etcd.ts'
import type { Machine } from '../../../harness/cluster/machine/machine.ts'
import { base64 } from '../../../harness/common/base64.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { EtcdSnapshot } from '../../../harness/faults/storage/etcd-snapshot.ts'
import { podImages } from '../../../harness/images/versions.ts'
import { ownCluster } from '../../../harness/vitest/own-cluster.ts'
import { BreakableCluster, booted, nth } from './breakable-cluster.ts'
import { testEffect, refused } from './proving.ts'

/*
 * Disk faults, on one cluster. A client of etcd or of the API confirms each effect independently. The engine reads from each machine
 * what a fault has left.
 */

let made: BreakableCluster | undefined
const ended = new AbortController()
const it = (): BreakableCluster => booted(made)

beforeAll(async () => {
  made = new BreakableCluster(await ownCluster('ha', { signal: ended.signal }), ended.signal)
  await it().recordBaseline()
})
// A failed test leaves its fault active: revert it before the next test.
afterEach(() => made?.faults[Symbol.asyncDispose]())
afterAll(async () => {
  await made?.[Symbol.asyncDispose]()
  ended.abort()
})

function otherThan(member: Machine): Machine {
  return nth(it().own.cluster.etcd.filter((one) => one !== member))
}

const withinMs = 60_000
let n = 0

/** Writes through one member from another machine. Returns the member's error, if it answers with one. */
async function put(member: Machine, timeoutMs: number): Promise<string> {
  const body = { key: base64(`test/${member.name}`), value: base64(String(++n)) }
  try {
    await etcdRequestFrom(otherThan(member), '/v3/kv/put', body, { timeoutMs, member: clientUrl(member) })
    return 'acked'
  } catch (error) {
    if (error instanceof EtcdError) return error.message
    throw error
  }
}

function leftUnanswered(member: Machine): Promise<boolean> {
  const unanswered = (): Promise<boolean> =>
    put(member, 1_500).then(
      () => false,
      () => true,
    )
  return eventually('a write through the member to stay unanswered', unanswered, { timeoutMs: withinMs })
}

const shell = (machine: Machine, script: string): Promise<string> => it().shell(machine, script)

/** Lists all traces of a disk fault in a machine. */
async function residue(machine: Machine): Promise<string> {
  return shell(
    machine,
    `ls -d /var/lib/etcd/*holdfast* /opt/holdfast/sv/etcd/*.holdfast /run/holdfast/*.process 2>/dev/null
     grep /run/holdfast /proc/mounts; losetup --list --noheadings | grep holdfast-disk
     ps -eo args | grep -E '[h]oldfast-freeze|[f]sfreeze'; [ -L /var/lib/etcd/data ] && echo link; true`,
  )
}

async function pickFollower(): Promise<Machine> {
  return nth(await it().own.cluster.followers('etcd')).machine
}

async function clean(): Promise<void> {
  for (const member of it().own.cluster.etcd) expect(await residue(member), member.name).toBe('')
  await eventually('all members to agree', () => it().own.cluster.etcdAgrees(), { timeoutMs: withinMs })
}

testEffect('stall-disk', 'the member accepts no writes until thawed', it, async () => {
  const member = await pickFollower()
  const other = otherThan(member)
  const stalled = await it().faults.stallDisk(member)
  await leftUnanswered(member)
  expect(await put(other, 5_000)).toBe('acked')
  expect(await shell(member, 'timeout 5 fsfreeze -f /run/holdfast/disk 2>&1 || true')).toContain('busy')
  await stalled.heal()
  expect(await put(member, 5_000)).toBe('acked')
  await clean()
})

testEffect('stall-disk', 'the disk thaws by itself when its agent is killed', it, async () => {
  const member = await pickFollower()
  const stalled = await it().faults.stallDisk(member)
  const { pid } = await member.call('hello', {})
  await leftUnanswered(member)
  await shell(member, `kill -9 ${pid}`)
  await eventually('a write through the member to succeed', async () => (await put(member, 1_500)) === 'acked', {
    timeoutMs: 5_000,
  })
  // The next agent finds the active fault and restores the disk. The killed agent's stream may still be closing.
  await eventually('the next agent to recover', () => member.call('recovered', {}).then(() => true), {
    timeoutMs: withinMs,
  })
  await stalled.heal()
  await eventually('the member to serve', async () => (await put(member, 1_500)) === 'acked', { timeoutMs: withinMs })
  await clean()
})

testEffect('slow-disk', 'writes are slow until healed', it, async () => {
  const member = await pickFollower()
  const turn = { frozenMs: 400, thawedMs: 50 }
  // Several fast writes fit between two freezes: in two cycles at least one write meets a freeze.
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
  const slow = await it().faults.slowDisk(member, turn)
  expect(await worst()).toBeGreaterThan(200)
  await slow.heal()
  await eventually('writes to be fast again', async () => (await worst()) < 200, { timeoutMs: withinMs })
  await clean()
})

testEffect('fill-disk', 'the member is down until the disk has space', it, async () => {
  const member = await pickFollower()
  const full = await it().faults.fillDisk(member)
  await expect(put(member, 1_500)).rejects.toThrow(/ECONNREFUSED/)
  expect(await shell(member, 'df --output=avail /run/holdfast/disk | tail -1')).toBe('0')
  await full.heal()
  expect(await put(member, 5_000)).toBe('acked')
  await clean()
})

testEffect('quota-alarm', 'the cluster refuses writes until healed', it, async () => {
  const member = await pickFollower()
  const other = otherThan(member)
  const alarm = await it().faults.quotaAlarm(member, { headroomMegabytes: 4 })
  expect(await put(other, 5_000)).toContain('space exceeded')
  await expect(it().own.cluster.probeWrite()).rejects.toThrow()
  await alarm.heal()
  expect(await it().own.cluster.probeWrite()).toBe(true)
  await clean()
})

testEffect('wipe-member', 'the member rejoins with a new id and all data', it, async () => {
  const member = await pickFollower()
  const other = otherThan(member)
  expect(await put(other, 5_000)).toBe('acked')
  const ids = (): Promise<string> =>
    shell(other, `ETCDCTL_API=3 etcdctl ${credentials} member list | grep ${member.name}, | cut -d, -f1`)
  const before = await ids()
  const wiped = await it().faults.wipeMember(member)
  expect(await shell(member, 'ls /var/lib/etcd')).toBe('')
  await expect(put(member, 1_500)).rejects.toThrow(/ECONNREFUSED/)
  await wiped.heal()
  expect(await ids()).not.toBe(before)
  const local = `etcdctl ${credentials} get --consistency=s --print-value-only test/${other.name}`
  expect(Number(await shell(member, local))).toBeGreaterThan(0)
  await clean()
})

const credentials = etcdctlCredentials.join(' ')

/** A pod that is bound to its Node, without the scheduler. */
function podOn(machine: Machine): KubernetesObject & { spec: object } {
  const container = { name: 'pause', image: podImages.pause, imagePullPolicy: 'Never' }
  const spec = { nodeName: machine.name, containers: [container], terminationGracePeriodSeconds: 0 }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'full', namespace: 'default' }, spec }
}

testEffect('fill-image-disk', 'the kubelet creates no container until the disk has space', it, async () => {
  const { cluster } = it().own
  const machine = nth(cluster.workers)
  const pod = podOn(machine)
  const full = await it().faults.fillImageDisk(machine)
  await cluster.kubernetes.apply(pod)
  await eventually(
    'the kubelet to report the full disk',
    async () => {
      const events = await cluster.kubernetes.list<CoreV1Event>('v1', 'Event', 'default')
      return events.some(
        ({ involvedObject, message }) => involvedObject.name === 'full' && message?.includes('no space left on device'),
      )
    },
    { timeoutMs: withinMs, intervalMs: 250 },
  )
  await full.heal()
  await eventually(
    'the pod to run',
    async () => (await cluster.kubernetes.read<V1Pod>(pod)).status?.phase === 'Running',
    { timeoutMs: withinMs, intervalMs: 250 },
  )
  await cluster.kubernetes.delete(pod)
  expect(await shell(machine, 'grep holdfast- /proc/mounts; true')).toBe('')
})

refused(
  ['stall-disk', 'slow-disk', 'fill-disk', 'quota-alarm', 'wipe-member', 'fill-image-disk', 'restore-snapshot'],
  'machines without a member or containers, and a missing file',
  it,
  async () => {
    const { faults } = it()
    const worker = nth(it().own.cluster.workers)
    return [
      () => faults.stallDisk(worker),
      () => faults.slowDisk(worker, { frozenMs: 80, thawedMs: 20 }),
      () => faults.fillDisk(worker),
      () => faults.quotaAlarm(worker),
      () => faults.wipeMember(worker),
      () => faults.fillImageDisk(nth(it().own.cluster.etcd)),
      () => faults.restoreSnapshot({ snapshot: '/nowhere' }),
    ]
  },
)

test('refuses to wipe a member without which there is no majority, and changes nothing', async () => {
  const { cluster } = it().own
  const [first, second] = [nth(cluster.etcd), nth(cluster.etcd, 1)]
  await using _ = await it().faults.stop({ machine: second, component: 'etcd' })
  await expect(it().faults.wipeMember(first)).rejects.toMatchObject({ code: 'HF_FAULT_UNAVAILABLE' })
  expect(await shell(first, 'ls /var/lib/etcd/data')).toContain('member')
})

testEffect('restore-snapshot', 'the cluster loses later writes and continues', it, async () => {
  const { cluster } = it().own
  const map = (name: string): KubernetesObject & { data: object } => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: {},
  })
  await cluster.kubernetes.apply(map('before'))
  const snapshot = await EtcdSnapshot.take(cluster)
  await cluster.kubernetes.apply(map('after'))
  const restored = await it().faults.restoreSnapshot({ snapshot })
  expect(it().faults.dirty).toBe(true)
  await eventually('the API to accept writes', () => cluster.probeWrite(), { timeoutMs: withinMs })
  await cluster.kubernetes.read(map('before'))
  await expect(cluster.kubernetes.read(map('after'))).rejects.toMatchObject({ code: 404 })
  await restored.heal()
  await clean()
})

test('removes a machine that was killed while its disk was frozen', async () => {
  const member = nth(it().own.cluster.etcd)
  await it().faults.stallDisk(member)
  // No process that could thaw is left in the machine, and a process that writes there can't be killed.
  await expect($({ timeout: 3_000 })`docker kill ${member.containerId}`).rejects.toThrow()
  await it().own[Symbol.asyncDispose]()
  const { stdout } = await $`docker ps --all --quiet --filter ${`label=holdfast=${it().own.cluster.run}`}`
  expect(stdout).toBe('')
})
