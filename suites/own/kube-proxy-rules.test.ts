import type { V1EndpointSlice } from '@kubernetes/client-node'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProxyMode } from '../../harness/cluster/agent/kernel-rules.ts'
import type { Machine } from '../../harness/cluster/machine.ts'
import { liveConfig } from '../../harness/cluster/live-config.ts'
import { checksNamespace } from '../../harness/cluster/readiness.ts'
import { eventually } from '../../harness/eventually.ts'
import { Faults } from '../../harness/faults/faults.ts'
import { localFromOutside, outsideProbes } from '../../harness/contracts/proxy-rules/outside.ts'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import { recordings } from '../../harness/judge/recording.ts'
import type { Fate } from '../../harness/judge/proxy-rules/packet.ts'
import { readJournal } from '../../harness/record/read-journal.ts'
import { play } from '../../harness/run/play.ts'
import { ProxyRules } from '../../harness/traffic/proxy-rules.ts'
import { Workloads } from '../../harness/traffic/workloads.ts'
import { isHostNoise } from '../../harness/vitest/contract-tests.ts'
import { type OwnCluster, ownCluster } from '../../harness/vitest/own-cluster.ts'
import { byHand } from './kube-proxy-rules/by-hand.ts'
import { deaf, silent } from './kube-proxy-rules/deaf-and-silent.ts'
import { askedOnTwoMachines } from './kube-proxy-rules/services.ts'
import { shell } from './kube-proxy-rules/shell.ts'
import { isNightly } from './nightly.ts'

/*
 * Both modes of kube-proxy on one cluster with the same Services: each does what the model says, so both do the same. And
 * what is wrong on purpose is found: one rule deleted, a machine that has not heard of the last change, a chance changed; and
 * by the judges, all that a kube-proxy could do to packets.
 */

const namespace = 'proxy-rules'
const services = ['web', 'sticky', 'outside', 'inside', 'passing', 'none'] as const
const full = (name: string): string => `${namespace}/${name}`
const stop = new AbortController()
const { signal } = stop
const fates = new Map<string, ReadonlyMap<string, Fate>>()

let booted: { own: OwnCluster; workloads: Workloads; faults: Faults } | undefined
const stage = () => {
  if (!booted) throw new Error('the cluster has not booted')
  return booted
}
const worker = (): Machine => {
  const [machine] = stage().own.cluster.workers
  if (!machine) throw new Error('there is no worker')
  return machine
}
const others = (): Machine[] => stage().own.cluster.nodes.filter((machine) => machine !== worker())

beforeAll(async () => {
  const own = await ownCluster('single', { signal, proxyMode: 'nftables' })
  const workloads = new Workloads(own.cluster.kubernetes, namespace, signal)
  // What is done between scenarios is none's: no judge is to hear of it.
  const unheard = (): void => undefined
  const faults = new Faults(own.cluster, unheard, () => Promise.resolve(), signal)
  booted = { own, workloads, faults }
  // The boot's own Service is on its way out.
  await eventually(
    'nothing of the checks of the boot to be left',
    async () => (await own.cluster.kubernetes.list('v1', 'Service', checksNamespace)).length === 0,
    { withinMs: 60_000, signal },
  )
  await workloads.createNamespace()
  await workloads.deployment('web', { replicas: 3 })
  const sessionAffinityConfig = { clientIP: { timeoutSeconds: 60 } }
  await Promise.all([
    workloads.serviceOf('web', 'web', {}),
    workloads.serviceOf('sticky', 'web', { sessionAffinity: 'ClientIP', sessionAffinityConfig }),
    workloads.serviceOf('outside', 'web', { type: 'NodePort', externalTrafficPolicy: 'Local' }),
    workloads.serviceOf('inside', 'web', { internalTrafficPolicy: 'Local' }),
    workloads.serviceOf('passing', 'web', {}),
    workloads.serviceOf('none', 'nobody', { type: 'NodePort' }),
  ])
  await workloads.settled('web')
  // Pods are available before every slice knows them, and what is asked in one mode has to be asked in the other.
  await eventually('every slice to have its three endpoints', slicesFull, { withinMs: 60_000, signal })
  // A kube-proxy that looks after its rules more often has less time to write them again: the bound is a live one.
  await reconfigured('s/syncPeriod: 30s/syncPeriod: 10s/')
})

async function slicesFull(): Promise<boolean> {
  const { kubernetes } = stage().own.cluster
  const slices = await kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', namespace)
  const ready = slices.map(({ endpoints }) => (endpoints ?? []).filter(({ conditions }) => conditions?.ready).length)
  return ready.filter((count) => count === 3).length === services.length - 1
}

afterAll(async () => {
  await booted?.faults[Symbol.asyncDispose]()
  await booted?.own[Symbol.asyncDispose]()
  stop.abort()
})

/** Each starts again with what is changed in its configuration. */
async function reconfigured(change: string): Promise<void> {
  await restartKubeProxies(
    async (machine) => void (await shell(machine, `sed -i "${change}" /etc/kubernetes/kube-proxy.yaml`)),
  )
}

async function restartKubeProxies(before: (machine: Machine) => Promise<void>): Promise<void> {
  await Promise.all(
    stage().own.cluster.nodes.map(async (machine) => {
      await before(machine)
      await (await stage().faults.kill({ machine, component: 'kube-proxy' }, { stay: false })).heal()
    }),
  )
}

/** Tells what kube-proxies run with, once all of them run in a mode. */
async function tellSettings(mode: ProxyMode): Promise<void> {
  const { own } = stage()
  await eventually(
    `every kube-proxy to tell that it runs in mode ${mode}`,
    async () => {
      const told = await liveConfig(own.cluster)
      const all = told.filter(({ values }) => says(values, 'mode', mode) && says(values, `${mode}.syncPeriod`, '10s'))
      if (all.length < own.cluster.nodes.length) return false
      for (const record of told) own.emit(record)
      return true
    },
    { withinMs: 30_000, signal },
  )
}

function says(values: Readonly<Record<string, string>>, path: string, value: string): boolean {
  const own = `.${path.toLowerCase()}`
  return Object.entries(values).some(([key, told]) => `.${key.toLowerCase()}`.endsWith(own) && told === value)
}

/** What each promise breaks by, where everything is wrong on purpose: control-plane1 has no endpoint, and worker1 has all. */
const broken = {
  'PROXY-01': ['NOT_ANSWERED', 'RULES_NEVER_ASKED', 'RULES_NOT_FOLLOWED', 'RULES_LATE', 'SENDER_CHANGED'],
  'PROXY-03': ['RULES_CHANGED'],
  'PROXY-04': ['CONNECTION_FAILED'],
  'PROXY-05': ['RULES_NOT_REPAIRED'],
  'PROXY-06': ['RULES_WITHOUT_AFFINITY'],
  'PROXY-07': ['HEALTH_CHECK_WRONG', 'NOT_ANSWERED'],
  'PROXY-08': ['NOT_ANSWERED'],
  'PROXY-09': ['NOT_DROPPED'],
  'PROXY-10': ['NOT_REFUSED'],
  'PROXY-11': ['FLOW_HELD', 'FLOW_RELEASED_LATE'],
  'NET-05': ['ADDRESS_SHARED'],
} as const

describe.each(['nftables', 'iptables'] as const)('kube-proxy in mode %s', (mode) => {
  let rules: ProxyRules
  const settled = (except: readonly Machine[] = []): Promise<unknown> =>
    Promise.all(services.map((name) => rules.settled(full(name), signal, except)))

  beforeAll(async () => {
    if (mode === 'iptables') await reconfigured('s/^mode: nftables/mode: iptables/')
    rules = ProxyRules.in(mode, stage().own.cluster, stage().own.emit)
    await settled()
    await tellSettings(mode)
  })

  test('does with every packet what its Services ask, on every machine', async () => {
    for (const machine of stage().own.cluster.nodes) {
      expect(await rules.differences(machine)).toEqual([])
      const found = await rules.fates(machine)
      const words = [...found.values()].flat().map(({ to }) => to)
      expect(words).toContain('reject')
      if (machine !== worker()) expect(words).toContain('drop')
      fates.set(`${mode} ${machine.name}`, found)
    }
  })

  test('without one rule differs in that Service, on that machine and nowhere else', async () => {
    const { clusterIp: address } = await stage().workloads.addresses('web')
    const lease = await stage().faults.deleteRule(worker(), { address, protocol: 'tcp', port: 80 })
    const found = await rules.differences(worker())
    expect(new Set(found.map(({ service }) => service))).toEqual(new Set([`${full('web')}:tcp (tcp 80)`]))
    expect(found[0]).toMatchObject({ machine: worker().name, what: expect.stringMatching(/^never goes to /) })
    for (const machine of others()) expect(await rules.differences(machine)).toEqual([])
    await lease.heal()
    await settled()
  })

  test('frozen before endpoints go, still sends to them, and is found to', async () => {
    const lease = await stage().faults.pause({ machine: worker(), component: 'kube-proxy' })
    await stage().workloads.serviceOf('passing', 'nobody', {})
    const found = await eventually(
      'the rules of the worker to be old',
      async () => {
        const differences = await rules.differences(worker())
        return differences.length > 0 && differences
      },
      { withinMs: 30_000, signal },
    )
    expect(found.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^goes to [\d.]+:8080 in 33.33 % of all cases, and never should$/),
    )
    expect(new Set(found.map(({ service }) => service.split(':')[0]))).toEqual(new Set([full('passing')]))
    await settled([worker()])
    await lease.heal()
    await stage().workloads.serviceOf('passing', 'web', {})
    await settled()
  })

  test('with a chance that somebody changed differs in that Service', async () => {
    await byHand[mode].favourOne(worker(), { metadata: { namespace, name: 'web' } })
    const found = await rules.differences(worker())
    expect(new Set(found.map(({ service }) => service))).toEqual(new Set([`${full('web')}:tcp (tcp 80)`]))
    expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(/ instead of 33\.33 %$/))
    // What a kube-proxy does not look for it writes again when it starts.
    await restartKubeProxies(() => Promise.resolve())
    await settled()
  })

  test('that does not follow turns PROXY-01 red', async () => {
    const { own } = stage()
    await play(deaf, own.cluster, xorshift128plus(1), own.emit, signal)
    const verdict = judgeJournal(await readJournal(own.journalPath), { contracts: ['PROXY-01'] }).at(-1)
    expect(verdict?.status, verdict?.reason).toMatch(/^(late|fail)$/)
    expect(verdict).toMatchObject({
      code: expect.stringMatching(/^(RULES_LATE|RULES_NOT_FOLLOWED)$/),
      values: {
        machine: 'worker1',
        service: expect.stringMatching(/^hf-kube-proxy-rules\/late:/),
        rule: expect.stringMatching(/^none in (KUBE-SERVICES|service-ips)$/),
      },
    })
  })

  test('whose rules look right while nothing is answered turns PROXY-01 red', async () => {
    const { own } = stage()
    await play(silent(mode), own.cluster, xorshift128plus(1), own.emit, signal)
    const verdict = judgeJournal(await readJournal(own.journalPath), { contracts: ['PROXY-01'] }).at(-1)
    expect(verdict?.status, verdict?.reason).toBe('fail')
    expect(verdict).toMatchObject({
      code: 'SERVICE_SILENT',
      values: { from: 'worker1', service: 'hf-kube-proxy-rules/web' },
    })
  })

  const asked = [
    ['nothing is wrong: every promise is kept', false],
    ['everything is wrong on purpose: every promise is broken', true],
  ] as const
  // The judge is the same for both modes: one of them shows every day that it can fail.
  test.each(asked.filter(([, crooked]) => !crooked || mode === 'nftables' || isNightly))(
    'is asked for Services of every sort on two machines, and %s',
    async (_, crooked) => {
      const { own } = stage()
      await play(askedOnTwoMachines(mode, crooked), own.cluster, xorshift128plus(1), own.emit, signal)
      const journal = [...(await readJournal(own.journalPath))]
      for (const [contract, codes] of Object.entries(broken)) {
        const verdict = judgeJournal(journal, { contracts: [contract] }).at(-1)
        if (verdict && isHostNoise(verdict)) continue
        expect.soft(verdict?.status, `${contract}: ${verdict?.reason}`).toMatch(crooked ? /^(fail|late)$/ : /^pass$/)
        if (crooked) expect.soft(codes, `${contract}: ${verdict?.reason}`).toContain(verdict?.code)
      }
      const [recording] = recordings(journal).slice(-1)
      const probes = recording && outsideProbes(recording).filter(({ port }) => port.externalLocal)
      const fromOutside = probes && localFromOutside(recording, probes)
      if (crooked) expect.soft(fromOutside).toMatchObject({ status: 'fail', code: 'PROBE_NOT_LET_THROUGH' })
      else expect.soft(fromOutside).toBeUndefined()
    },
  )
})

test('both modes do the same with every packet', () => {
  for (const { name } of stage().own.cluster.nodes) {
    const [one, other] = ['nftables', 'iptables'].map((mode) => fates.get(`${mode} ${name}`))
    if (!one || !other) throw new Error(`${name} was not looked at in both modes`)
    expect([...one.keys()].toSorted()).toEqual([...other.keys()].toSorted())
    for (const [packet, fate] of one) expect(rounded(fate), packet).toEqual(rounded(other.get(packet) ?? []))
  }
})

/** The kernel keeps a chance in iptables to some nine digits. */
function rounded(fate: Fate): Fate {
  return fate.map((outcome) => ({ ...outcome, share: Math.round(outcome.share * 1e6) / 1e6 }))
}
