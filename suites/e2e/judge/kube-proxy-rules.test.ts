import type { V1EndpointSlice } from '@kubernetes/client-node'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProxyMode } from '../../../harness/agent/kube-proxy/kernel-rules.ts'
import type { Machine } from '../../../harness/cluster/machine/machine.ts'
import { liveConfig } from '../../../harness/cluster/observe/live-config.ts'
import { checksNamespace } from '../../../harness/cluster/boot/round-trips.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { type Faults, createFaults } from '../../../harness/faults/catalogue/faults.ts'
import { localFromOutside, outsideProbes } from '../../../harness/contracts/kube-proxy/traffic/outside.ts'
import { judgeJournal } from '../../../harness/contracts/judge-journal.ts'
import { recordings } from '../../../harness/judge/recording/recording.ts'
import type { Fate } from '../../../harness/judge/kube-proxy/packet.ts'
import { readJournal } from '../../../harness/record/read-journal.ts'
import { runScenario } from '../../../harness/run/scenario/run-scenario.ts'
import { ProxyRules } from '../../../harness/traffic/services/proxy-rules.ts'
import { Workloads } from '../../../harness/traffic/workloads/workloads.ts'
import { isHostNoise } from '../../../harness/vitest/contract-tests.ts'
import { type OwnCluster, ownCluster } from '../../../harness/vitest/own-cluster.ts'
import { byHand } from './kube-proxy-rules/by-hand.ts'
import { withoutWatches, withoutAnswers } from './kube-proxy-rules/unresponsive.ts'
import { queriedOnTwoMachines } from './kube-proxy-rules/two-machines.ts'
import { shell } from './kube-proxy-rules/shell.ts'
import { isNightly } from '../../../harness/vitest/nightly.ts'

/*
 * Both modes of kube-proxy on one cluster with the same Services: each agrees with the model, so both agree with each other.
 * Negative controls: a deleted rule, a machine that missed the last change, a changed probability, and wrong packet handling of
 * every kind, which the contracts must detect.
 */

const namespace = 'proxy-rules'
const services = ['web', 'sticky', 'outside', 'inside', 'passing', 'none'] as const
const full = (name: string): string => `${namespace}/${name}`
const stop = new AbortController()
const { signal } = stop
const fates = new Map<string, ReadonlyMap<string, Fate>>()

let booted: { own: OwnCluster; workloads: Workloads; faults: Faults } | undefined
const bootedCluster = () => {
  if (!booted) throw new Error('the cluster has not booted')
  return booted
}
const worker = (): Machine => {
  const [machine] = bootedCluster().own.cluster.workers
  if (!machine) throw new Error('the cluster has no worker')
  return machine
}
const others = (): Machine[] => bootedCluster().own.cluster.nodes.filter((machine) => machine !== worker())

beforeAll(async () => {
  const own = await ownCluster('single', { signal, proxyMode: 'nftables' })
  const workloads = new Workloads(own.cluster.kubernetes, namespace, signal)
  // Faults between scenarios belong to no recording.
  const ignore = (): void => undefined
  const faults = createFaults(own.cluster, ignore, () => Promise.resolve(), signal)
  booted = { own, workloads, faults }
  // The boot's own Service is being deleted.
  await eventually(
    'the Service of the boot checks to be deleted',
    async () => (await own.cluster.kubernetes.list('v1', 'Service', checksNamespace)).length === 0,
    { timeoutMs: 60_000, signal },
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
    workloads.serviceOf('none', 'no-pod', { type: 'NodePort' }),
  ])
  await workloads.rolloutComplete('web')
  // Slices list pods later than they become available, and both modes need the same slices.
  await eventually('every slice to have its three endpoints', slicesFull, { timeoutMs: 60_000, signal })
  // A shorter sync period gives a shorter bound, which contracts read from the live configuration.
  await reconfigured('s/syncPeriod: 30s/syncPeriod: 10s/')
})

async function slicesFull(): Promise<boolean> {
  const { kubernetes } = bootedCluster().own.cluster
  const slices = await kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', namespace)
  const ready = slices.map(({ endpoints }) => (endpoints ?? []).filter(({ conditions }) => conditions?.ready).length)
  return ready.filter((count) => count === 3).length === services.length - 1
}

afterAll(async () => {
  await booted?.faults[Symbol.asyncDispose]()
  await booted?.own[Symbol.asyncDispose]()
  stop.abort()
})

/** Changes the configuration of every kube-proxy and restarts it. */
async function reconfigured(change: string): Promise<void> {
  await restartKubeProxies(
    async (machine) => void (await shell(machine, `sed -i "${change}" /etc/kubernetes/kube-proxy.yaml`)),
  )
}

async function restartKubeProxies(before: (machine: Machine) => Promise<void>): Promise<void> {
  await Promise.all(
    bootedCluster().own.cluster.nodes.map(async (machine) => {
      await before(machine)
      await (await bootedCluster().faults.kill({ machine, component: 'kube-proxy' }, { stay: false })).heal()
    }),
  )
}

/** Records the live configuration once every kube-proxy runs in this mode. */
async function recordSettings(mode: ProxyMode): Promise<void> {
  const { own } = bootedCluster()
  await eventually(
    `every kube-proxy to report mode ${mode}`,
    async () => {
      const configs = await liveConfig(own.cluster)
      const all = configs.filter(({ values }) => has(values, 'mode', mode) && has(values, `${mode}.syncPeriod`, '10s'))
      if (all.length < own.cluster.nodes.length) return false
      for (const record of configs) own.emit(record)
      return true
    },
    { timeoutMs: 30_000, signal },
  )
}

function has(values: Readonly<Record<string, string>>, path: string, value: string): boolean {
  const own = `.${path.toLowerCase()}`
  return Object.entries(values).some(([key, found]) => `.${key.toLowerCase()}`.endsWith(own) && found === value)
}

/** The codes of each contract where everything is wrong on purpose. control-plane1 has no endpoint, worker1 has all. */
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
    Promise.all(services.map((name) => rules.waitUntilRulesMatch(full(name), signal, except)))

  beforeAll(async () => {
    if (mode === 'iptables') await reconfigured('s/^mode: nftables/mode: iptables/')
    rules = ProxyRules.in(mode, bootedCluster().own.cluster, bootedCluster().own.emit)
    await settled()
    await recordSettings(mode)
  })

  test('handles every packet as its Services require, on every machine', async () => {
    for (const machine of bootedCluster().own.cluster.nodes) {
      expect(await rules.differences(machine)).toEqual([])
      const found = await rules.fates(machine)
      const results = [...found.values()].flat().map(({ to }) => to)
      expect(results).toContain('reject')
      if (machine !== worker()) expect(results).toContain('drop')
      fates.set(`${mode} ${machine.name}`, found)
    }
  })

  test('without one rule differs only in that Service and on that machine', async () => {
    const { clusterIp: address } = await bootedCluster().workloads.addresses('web')
    const active = await bootedCluster().faults.deleteRule(worker(), { address, protocol: 'tcp', port: 80 })
    const found = await rules.differences(worker())
    expect(new Set(found.map(({ service }) => service))).toEqual(new Set([`${full('web')}:tcp (tcp 80)`]))
    expect(found[0]).toMatchObject({ machine: worker().name, what: expect.stringMatching(/^never goes to /) })
    for (const machine of others()) expect(await rules.differences(machine)).toEqual([])
    await active.heal()
    await settled()
  })

  test('frozen before endpoints are deleted still sends to them, which the comparison reports', async () => {
    const active = await bootedCluster().faults.pause({ machine: worker(), component: 'kube-proxy' })
    await bootedCluster().workloads.serviceOf('passing', 'no-pod', {})
    const found = await eventually(
      'the rules of the worker to be old',
      async () => {
        const differences = await rules.differences(worker())
        return differences.length > 0 && differences
      },
      { timeoutMs: 30_000, signal },
    )
    expect(found.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^goes to [\d.]+:8080 in 33.33 % of all cases, and never should$/),
    )
    expect(new Set(found.map(({ service }) => service.split(':')[0]))).toEqual(new Set([full('passing')]))
    await settled([worker()])
    await active.heal()
    await bootedCluster().workloads.serviceOf('passing', 'web', {})
    await settled()
  })

  test('with a changed probability differs in that Service', async () => {
    await byHand[mode].favourOne(worker(), { metadata: { namespace, name: 'web' } })
    const found = await rules.differences(worker())
    expect(new Set(found.map(({ service }) => service))).toEqual(new Set([`${full('web')}:tcp (tcp 80)`]))
    expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(/ instead of 33\.33 %$/))
    // kube-proxy does not check this rule, but writes it again when it starts.
    await restartKubeProxies(() => Promise.resolve())
    await settled()
  })

  test('that misses a change makes PROXY-01 fail', async () => {
    const { own } = bootedCluster()
    await runScenario(withoutWatches, own.cluster, xorshift128plus(1), own.emit, signal)
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

  test('whose rules are correct while nothing answers makes PROXY-01 fail', async () => {
    const { own } = bootedCluster()
    await runScenario(withoutAnswers(mode), own.cluster, xorshift128plus(1), own.emit, signal)
    const verdict = judgeJournal(await readJournal(own.journalPath), { contracts: ['PROXY-01'] }).at(-1)
    expect(verdict?.status, verdict?.reason).toBe('fail')
    expect(verdict).toMatchObject({
      code: 'SERVICE_SILENT',
      values: { from: 'worker1', service: 'hf-kube-proxy-rules/web' },
    })
  })

  const cases = [
    ['nothing is wrong: every contract passes', false],
    ['everything is wrong on purpose: every contract fails', true],
  ] as const
  // The contracts are the same for both modes: one mode suffices as a daily negative control.
  test.each(cases.filter(([, withErrors]) => !withErrors || mode === 'nftables' || isNightly))(
    'serves Services of every kind on two machines, and %s',
    async (_, withErrors) => {
      const { own } = bootedCluster()
      await runScenario(queriedOnTwoMachines(mode, withErrors), own.cluster, xorshift128plus(1), own.emit, signal)
      const journal = [...(await readJournal(own.journalPath))]
      for (const [contract, codes] of Object.entries(broken)) {
        const verdict = judgeJournal(journal, { contracts: [contract] }).at(-1)
        if (verdict && isHostNoise(verdict)) continue
        expect.soft(verdict?.status, `${contract}: ${verdict?.reason}`).toMatch(withErrors ? /^(fail|late)$/ : /^pass$/)
        if (withErrors) expect.soft(codes, `${contract}: ${verdict?.reason}`).toContain(verdict?.code)
      }
      const [recording] = recordings(journal).slice(-1)
      const probes = recording && outsideProbes(recording).filter(({ port }) => port.externalLocal)
      const fromOutside = probes && localFromOutside(recording, probes)
      if (withErrors) expect.soft(fromOutside).toMatchObject({ status: 'fail', code: 'PROBE_NOT_LET_THROUGH' })
      else expect.soft(fromOutside).toBeUndefined()
    },
  )
})

test('both modes handle every packet equally', () => {
  for (const { name } of bootedCluster().own.cluster.nodes) {
    const [one, other] = ['nftables', 'iptables'].map((mode) => fates.get(`${mode} ${name}`))
    if (!one || !other) throw new Error(`${name} has no packet results in both modes`)
    expect([...one.keys()].toSorted()).toEqual([...other.keys()].toSorted())
    for (const [packet, fate] of one) expect(rounded(fate), packet).toEqual(rounded(other.get(packet) ?? []))
  }
})

/** In iptables the kernel stores a probability with about nine digits. */
function rounded(fate: Fate): Fate {
  return fate.map((outcome) => ({ ...outcome, share: Math.round(outcome.share * 1e6) / 1e6 }))
}
