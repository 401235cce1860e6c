import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Machine } from '../../harness/cluster/machine.ts'
import { eventually } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { isolated, oneWay } from '../../harness/faults/grudges.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import { Workloads } from '../../harness/traffic/workloads.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'

/*
 * Faults of the network and of what kube-proxy and the pod network leave in a kernel, on one cluster. What each does is seen
 * by somebody who knows nothing of its rules: a request that is or is not answered, and how long it took. After each test
 * nothing of ours may be left in any machine's kernel.
 */

const webPort = 8080
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
  workloads = new Workloads(own.cluster.kubernetes, 'faults-network', stop.signal)
  await workloads.createNamespace()
  await Promise.all([
    workloads.client(places.worker, machine('worker').name),
    workloads.client(places.master, machine('master').name),
  ])
  for (const name of Object.values(places)) {
    const { status } = await own.cluster.kubernetes.read<{ status?: { podIP?: string } }>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'faults-network', name },
    })
    addresses.set(name, status?.podIP ?? '')
  }
  for (const place of ['worker', 'master'] as const) {
    await machine(place).call('enterPod', { namespace: 'faults-network', pod: places[place] })
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
async function attempt(from: 'worker' | 'master', url: string, options: { pod?: boolean; timeoutMs?: number } = {}): Promise<Attempt> {
  const { pod = false, timeoutMs = 1_000 } = options
  const params = { url, method: 'GET', timeoutMs } as const
  const began = performance.now()
  const ms = (): number => performance.now() - began
  try {
    const { status } = pod
      ? await machine(from).callInPod({ namespace: 'faults-network', name: places[from] }, 'http', params)
      : await machine(from).call('http', params)
    return { answered: true, ms: ms(), said: String(status) }
  } catch (error) {
    return { answered: false, ms: ms(), said: error instanceof Error ? error.message : String(error) }
  }
}

const podUrl = (place: 'worker' | 'master'): string => `http://${addresses.get(places[place])}:${webPort}/hostname`
const hostUrl = (place: 'worker' | 'master'): string => `http://${machine(place).spec.address}:10256/healthz`

async function residue(): Promise<string[]> {
  const shell = 'nft list tables | grep holdfast; tc qdisc show | grep -v -e noqueue -e "qdisc noqueue"; pgrep -l impair; true'
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
    const said = { drop: /no answer/, reject: /EHOSTUNREACH|no answer/, reset: /ECONNREFUSED/ }[verdict]
    expect(cutOff).toMatchObject({ answered: false, said: expect.stringMatching(said) })
    expect(await attempt('worker', hostUrl('master'))).toMatchObject({ answered: true })
    await lease.heal()
    expect(await attempt('worker', podUrl('master'), { pod: true })).toMatchObject({ answered: true })
    expect(await residue()).toEqual([])
  })

  test('timing', async () => {
    const [inject, heal]: number[][] = [[], []]
    for (let n = 0; n < 30; n++) {
      const t0 = performance.now()
      const lease = await faults.partition(isolated(machine('worker'), [machine('master')]), { network: 'cluster' })
      const t1 = performance.now()
      await lease.heal()
      inject?.push(t1 - t0)
      heal?.push(performance.now() - t1)
    }
    for (const one of [inject, heal]) console.log(one?.sort((a, b) => a - b).map((x) => x.toFixed(0)).join(' '))
  })
})
void eventually
