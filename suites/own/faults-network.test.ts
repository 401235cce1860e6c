import type { V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agnhostPorts } from '../../harness/cluster/agnhost.ts'
import { serviceNetwork } from '../../harness/cluster/machine-spec.ts'
import type { Machine } from '../../harness/cluster/machine.ts'
import { eventually } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { isolated, oneWay } from '../../harness/faults/grudges.ts'
import type { ImpairOptions } from '../../harness/faults/impair.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import { Workloads } from '../../harness/traffic/workloads.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'

/*
 * Faults of the network and of what kube-proxy and the pod network leave in a kernel, on one cluster. What each does is seen
 * by somebody who knows nothing of its rules: a request that is or is not answered, and how long it took. After each test
 * nothing of ours may be left in any machine's kernel.
 */

const webPort = agnhostPorts.tcp
const namespace = 'faults-network'
let own: OwnCluster
let faults: Faults
let workloads: Workloads
let [worker, master]: Machine[] = []
const stop = new AbortController()
const told: JournalRecord[] = []
const places = { worker: 'on-worker', master: 'on-master' } as const
const addresses = new Map<string, string>()

beforeAll(async () => {
  own = await ownCluster('single', { signal: stop.signal })
  faults = new Faults(
    own.cluster,
    (record) => told.push(record),
    () => Promise.resolve(),
    stop.signal,
  )
  ;[worker] = own.cluster.workers
  ;[master] = own.cluster.controlPlane
  workloads = new Workloads(own.cluster.kubernetes, namespace, stop.signal)
  await workloads.createNamespace()
  await Promise.all([
    workloads.client(places.worker, machine('worker').name),
    workloads.client(places.master, machine('master').name),
  ])
  for (const name of Object.values(places)) {
    const { status } = await own.cluster.kubernetes.read<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name },
    })
    addresses.set(name, status?.podIP ?? '')
  }
  for (const place of ['worker', 'master'] as const) {
    await machine(place).call('enterPod', { namespace, pod: places[place] })
  }
})

afterAll(async () => {
  stop.abort()
  await own?.[Symbol.asyncDispose]()
})

function machine(place: 'worker' | 'master'): Machine {
  const found = place === 'worker' ? worker : master
  if (!found) throw new Error('the cluster has not booted')
  return found
}

interface Attempt {
  readonly answered: boolean
  readonly ms: number
  readonly said: string
}

/** One request, as a client makes it: over the machine's own network, or out of the pod that runs there. */
async function attempt(
  from: 'worker' | 'master',
  url: string,
  options: { pod?: boolean; timeoutMs?: number } = {},
): Promise<Attempt> {
  const { pod = false, timeoutMs = 1_000 } = options
  const params = { url, method: 'GET', timeoutMs } as const
  const began = performance.now()
  const ms = (): number => performance.now() - began
  try {
    const { status } = pod
      ? await machine(from).callInPod({ namespace, name: places[from] }, 'http', params)
      : await machine(from).call('http', params)
    return { answered: true, ms: ms(), said: String(status) }
  } catch (error) {
    return { answered: false, ms: ms(), said: error instanceof Error ? error.message : String(error) }
  }
}

const podUrl = (place: 'worker' | 'master'): string => `http://${addresses.get(places[place])}:${webPort}/hostname`
const hostUrl = (place: 'worker' | 'master'): string => `http://${machine(place).spec.address}:10256/healthz`

async function residue(): Promise<string[]> {
  const shell =
    'nft list tables | grep holdfast; tc qdisc show | grep -v noqueue; iptables-save | grep -i holdfast; pgrep -l impair; true'
  const looks = await Promise.all(
    own.cluster.machines.map((each) => each.call('exec', { argv: ['sh', '-c', shell], timeoutMs: 5_000 })),
  )
  return looks.map(({ stdout }) => stdout.trim()).filter((text) => text !== '')
}

describe('partition', () => {
  test('silent, between machines: nobody answers and nobody is told; healed, both answer again', async () => {
    expect(await attempt('worker', hostUrl('master'))).toMatchObject({ answered: true })
    const lease = await faults.partition(isolated(machine('worker'), [machine('master')]), { network: 'cluster' })
    const cutOff = await attempt('worker', hostUrl('master'), { timeoutMs: 300 })
    expect(cutOff).toMatchObject({ answered: false, said: expect.stringContaining('no answer in 300 ms') })
    expect(await attempt('worker', podUrl('master'), { pod: true }), 'pods are on').toMatchObject({ answered: true })
    await lease.heal()
    expect(await attempt('worker', hostUrl('master'))).toMatchObject({ answered: true })
    expect(await residue()).toEqual([])
  })

  test.each(['drop', 'reject', 'reset'] as const)('of pods only, by one port, one way: %s', async (verdict) => {
    const options = { network: 'pods', protocol: 'tcp', port: webPort, verdict } as const
    const lease = await faults.partition(oneWay([machine('worker')], [machine('master')]), options)
    const cutOff = await attempt('worker', podUrl('master'), { pod: true, timeoutMs: 300 })
    const said = { drop: /no answer/, reject: /EHOSTUNREACH|no answer/, reset: /ECONNREFUSED|ECONNRESET/ }[verdict]
    expect(cutOff).toMatchObject({ answered: false, said: expect.stringMatching(said) })
    expect(await attempt('worker', hostUrl('master'))).toMatchObject({ answered: true })
    await lease.heal()
    expect(await attempt('worker', podUrl('master'), { pod: true })).toMatchObject({ answered: true })
    expect(await residue()).toEqual([])
  })
})

/** Milliseconds that fresh requests took from the worker's pod to the master's, the fastest of a few. */
async function fastest(protocol: 'tcp' | 'udp'): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 4; n++) {
    const { at, endedAt, failed } = await drawn(protocol, 1)
    expect(failed, protocol).toBe(0)
    times.push(endedAt - at)
  }
  return Math.min(...times)
}

function drawn(protocol: 'tcp' | 'udp', attempts: number) {
  const address = addresses.get(places.master) ?? ''
  return machine('worker').callInPod({ namespace, name: places.worker }, 'sample', {
    from: places.worker,
    service: places.master,
    protocol,
    address,
    port: protocol === 'tcp' ? agnhostPorts.tcp : agnhostPorts.udp,
    attempts,
    concurrency: 20,
    timeoutMs: 2_000,
  })
}

async function inPod(place: 'worker' | 'master', command: string): Promise<string> {
  const argv = ['sh', '-c', command]
  const { stdout } = await machine(place).callInPod({ namespace, name: places[place] }, 'exec', {
    argv,
    timeoutMs: 10_000,
  })
  return stdout
}

/** What the web server says to one datagram, all of it in half a second. */
const answers = (text: string): Promise<string> =>
  inPod('worker', `printf %s '${text}' | socat -T 0.5 - UDP:${addresses.get(places.master)}:${agnhostPorts.udp}`)

describe('impair', () => {
  const wayThere = () => oneWay([machine('worker')], [machine('master')])
  const impaired = (options: ImpairOptions) => faults.impair(wayThere(), { network: 'pods', ...options })

  test('latency is what a fresh connection and a datagram are late by', async () => {
    const before = { tcp: await fastest('tcp'), udp: await fastest('udp') }
    const lease = await impaired({ latency: '60ms', jitter: '5ms' })
    // A handshake and a request go there; what comes back is not late.
    expect(await fastest('tcp')).toBeGreaterThan(110)
    expect(await fastest('udp')).toBeGreaterThan(55)
    await lease.heal()
    expect(before.udp).toBeLessThan(55)
    expect(await fastest('udp')).toBeLessThan(55)
    expect(await residue()).toEqual([])
  })

  test('some of many are lost, and none before or after', async () => {
    expect(await drawn('udp', 60)).toMatchObject({ failed: 0 })
    const lease = await impaired({ loss: 40, protocol: 'udp' })
    const { failed } = await drawn('udp', 60)
    expect(failed).toBeGreaterThan(5)
    expect(failed).toBeLessThan(55)
    await lease.heal()
    expect(await drawn('udp', 60)).toMatchObject({ failed: 0 })
  })

  test('what is doubled is answered twice', async () => {
    expect(await answers('hostname')).toBe(places.master)
    await using _ = await impaired({ duplicate: 100 })
    expect(await answers('hostname')).toBe(places.master + places.master)
  })

  test('what is damaged is dropped by a kernel, or believed when its checksum is mended', async () => {
    const text = '1'.repeat(500)
    expect(await answers(`echo ${text}`)).toBe(text)
    {
      await using _ = await impaired({ corrupt: 100, protocol: 'udp' })
      expect(await answers(`echo ${text}`)).toBe('')
    }
    await using _ = await impaired({ corrupt: 100, checksums: 'mended', protocol: 'udp' })
    // One in a hundred is damaged where the server reads what it is to do, and not answered at all.
    const said = await eventually('an answer', async () => (await answers(`echo ${text}`)) || undefined, {
      withinMs: 10_000,
    })
    expect(said).not.toBe(text)
    expect(said.length).toBeGreaterThan(450)
  })

  test('some are overtaken', async () => {
    const port = 9_099
    const heard = inPod('master', `timeout 4 socat -u UDP-RECV:${port} -`)
    await eventually('somebody to listen', async () => (await inPod('master', 'cat /proc/net/udp')).includes('238B'), {
      withinMs: 3_000,
    })
    await using _ = await impaired({ reorder: 30, reorderBy: '80ms', seed: 7 })
    const to = `UDP-SENDTO:${addresses.get(places.master)}:${port}`
    await inPod('worker', `for n in $(seq 1 30); do echo $n; sleep 0.01; done | socat -u - ${to}`)
    const numbers = (await heard).trim().split('\n').map(Number)
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
    expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b))
  })

  test.each(['kernel', 'queue'] as const)('a rate makes much take long: %s', async (means) => {
    const much = `http://${addresses.get(places.master)}:${agnhostPorts.tcp}/echo?msg=${'1'.repeat(20_000)}`
    expect((await attempt('worker', much, { pod: true })).ms).toBeLessThan(500)
    const lease = await impaired({ rate: 25_000, means })
    const { answered, ms } = await attempt('worker', much, { pod: true, timeoutMs: 5_000 })
    expect(answered).toBe(true)
    expect(ms).toBeGreaterThan(600)
    await lease.heal()
    expect(await residue()).toEqual([])
  })

  test('a program that ends too early lets packets pass, and the fault does not count', async () => {
    const lease = await impaired({ loss: 100 })
    expect((await drawn('udp', 3)).failed).toBe(3)
    await machine('worker').call('exec', { argv: ['pkill', '-KILL', '-x', 'impair'], timeoutMs: 2_000 })
    await eventually('packets to pass', async () => (await drawn('udp', 1)).failed === 0, { withinMs: 5_000 })
    await expect(lease.heal()).rejects.toThrow('had ended before it was healed')
    expect(await residue()).toEqual([])
  })
})

describe('half-open', () => {
  test('a connection opens and nothing is heard on it', async () => {
    const cut = oneWay([machine('worker')], [machine('master')])
    const lease = await faults.halfOpen(cut, { network: 'pods', port: webPort })
    const to = `TCP:${addresses.get(places.master)}:${webPort}`
    expect(await inPod('worker', `socat -u OPEN:/dev/null ${to},connect-timeout=2 && echo open`)).toBe('open\n')
    expect((await drawn('tcp', 1)).failed).toBe(1)
    await lease.heal()
    expect((await drawn('tcp', 1)).failed).toBe(0)
    expect(await residue()).toEqual([])
  })

  test('where nobody listens nothing is proven, and nothing stays', async () => {
    const cut = oneWay([machine('worker')], [machine('master')])
    await expect(faults.halfOpen(cut, { network: 'pods', port: 4 })).rejects.toMatchObject({
      code: 'HF_FAULT_UNPROVEN',
    })
    expect(told.at(-1)).toMatchObject({ kind: 'fault', edge: 'unproven' })
    expect(await residue()).toEqual([])
  })
})

describe('dns-failure', () => {
  const resolved = (place: 'worker' | 'master') =>
    machine(place).callInPod({ namespace, name: places[place] }, 'resolve', {
      server: serviceNetwork.dns,
      name: 'kubernetes.default.svc.cluster.local',
      timeoutMs: 1_000,
    })
  const found = { addresses: [serviceNetwork.apiServer] }

  test.each([
    ['silent', /ETIMEOUT/],
    ['refused', /ECONNREFUSED/],
  ] as const)('%s for the pods of one machine only', async (how, said) => {
    expect(await resolved('worker')).toEqual(found)
    const lease = await faults.dnsFailure([machine('worker')], { how })
    await expect(resolved('worker')).rejects.toThrow(said)
    expect(await resolved('master')).toEqual(found)
    await lease.heal()
    expect(await resolved('worker')).toEqual(found)
    expect(await residue()).toEqual([])
  })
})

test('what a fault can not hit is refused before anything is touched', async () => {
  const [etcd] = own.cluster.etcd
  if (!etcd) throw new Error('no etcd')
  const unavailable = { code: 'HF_FAULT_UNAVAILABLE' }
  const edges = told.length
  await expect(faults.dnsFailure([etcd])).rejects.toMatchObject(unavailable)
  await expect(faults.partition(isolated(etcd, [machine('worker')]), { network: 'pods' })).rejects.toMatchObject(
    unavailable,
  )
  await expect(faults.partition([])).rejects.toMatchObject(unavailable)
  await expect(faults.impair(isolated(etcd, [machine('worker')]), {})).rejects.toMatchObject({ code: 'HF_BAD_FAULT' })
  expect(told.length).toBe(edges)
  expect(await residue()).toEqual([])
})
