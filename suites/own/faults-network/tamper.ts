import { beforeAll, describe, expect, test } from 'vitest'
import { tablesOf } from '../../../harness/cluster/agent/proxy-rules.ts'
import { servicePorts } from '../../../harness/cluster/agnhost.ts'
import { serviceNetwork } from '../../../harness/cluster/machine-spec.ts'
import { eventually } from '../../../harness/eventually.ts'
import type { PodPair } from './pod-pair.ts'

export function tamperTests(pair: () => PodPair): void {
  const worker = () => pair().machine('worker')
  const resolves = (place: 'worker' | 'master') =>
    pair()
      .machine(place)
      .callInPod(pair().pod(place), 'resolve', {
        server: serviceNetwork.dns,
        name: 'kubernetes.default.svc.cluster.local',
        timeoutMs: 1_000,
      })
      .then(
        () => true,
        () => false,
      )
  const dns = { address: serviceNetwork.dns, port: 53 } as const

  describe.each(['iptables', 'nftables'] as const)("kube-proxy's rules, %s", (mode) => {
    /** All rules of the machine, whosever they are, as their own tools print them; without counters. */
    const rules = async (): Promise<unknown> => {
      const iptables = await pair().onMachine(worker(), 'iptables-save')
      const nft = await pair().onMachine(worker(), 'nft -s list table ip kube-proxy 2>/dev/null')
      return [[...tablesOf(iptables)].map(([name, chains]) => [name, Object.fromEntries(chains)]), nft]
    }

    beforeAll(async () => {
      if (mode === 'iptables') return
      await pair().onMachine(worker(), 'sed -i "s/mode: iptables/mode: nftables/" /etc/kubernetes/kube-proxy.yaml')
      await (await pair().faults.kill({ machine: worker(), component: 'kube-proxy' }, { stay: false })).heal()
      await eventually(
        'kube-proxy to have written its table',
        async () => (await pair().onMachine(worker(), 'nft list ruleset')).includes('kube-system/kube-dns/udp/dns'),
        { withinMs: 60_000 },
      )
    })

    test.each(['chains', 'tables'] as const)(
      'without its %s nothing finds a Service; healed, all is as it was',
      async (what) => {
        const before = await rules()
        expect(await resolves('worker')).toBe(true)
        const lease = await pair().faults.flushProxy(worker(), { what })
        expect(lease.evidence[0]?.facts).toMatchObject({ mode })
        expect(await resolves('worker')).toBe(false)
        expect(await resolves('master')).toBe(true)
        await lease.heal()
        expect(await resolves('worker')).toBe(true)
        expect(await rules()).toEqual(before)
      },
    )

    test('without one rule only its port is not found', async () => {
      const before = await rules()
      const overTcp = `socat -u OPEN:/dev/null TCP:${dns.address}:${dns.port},connect-timeout=2 && echo open`
      const lease = await pair().faults.deleteRule(worker(), { ...dns, protocol: 'udp' })
      expect(await resolves('worker')).toBe(false)
      expect(await pair().inPod('worker', overTcp)).toBe('open\n')
      await lease.heal()
      expect(await resolves('worker')).toBe(true)
      expect(await rules()).toEqual(before)
    })
  })

  test('a stale entry sends one flow nowhere and leaves the next one alone', async () => {
    await pair().workloads.deployment('web', { replicas: 1 })
    const address = await pair().workloads.service('web')
    await pair().workloads.settled('web')
    const ask = (port: number) =>
      pair().inPod('worker', `printf hostname | socat -T 1 - UDP:${address}:${servicePorts.udp},sourceport=${port}`)
    await eventually('the Service to answer', async () => (await ask(5_500)).startsWith('web-'), { withinMs: 30_000 })
    const lease = await pair().faults.staleConntrack(worker(), {
      client: { address: pair().pod('worker').address, port: 5_555 },
      service: { address, port: servicePorts.udp },
      endpoint: { address: worker().spec.podRange?.replace('.0/24', '.254') ?? '', port: 8_081 },
    })
    expect(await ask(5_555)).toBe('')
    expect(await ask(5_556)).toMatch(/^web-/)
    await lease.heal()
    expect(await ask(5_555)).toMatch(/^web-/)
  })

  test('without routes no pod of another machine is found, until they are there again', async () => {
    const routes = () => pair().onMachine(worker(), 'ip route show')
    const before = await routes()
    const frozen = await pair().faults.pause({ machine: worker(), component: 'flanneld' })
    const lease = await pair().faults.deleteRoutes(worker())
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered).toBe(false)
    expect((await pair().attempt('worker', pair().hostUrl('master'))).answered).toBe(true)
    await lease.heal()
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered).toBe(true)
    await frozen.heal()
    expect((await routes()).split('\n').sort()).toEqual(before.split('\n').sort())
  })

  test('without its pod network configuration a Node is not ready', async () => {
    const { cluster } = pair().own
    const lease = await pair().faults.removeCni(worker())
    const patience = { withinMs: 60_000, everyMs: 200 }
    await eventually('the Node not to be ready', async () => !(await cluster.nodeReady(worker())), patience)
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered, 'what runs').toBe(true)
    await lease.heal()
    await eventually('the Node to be ready', () => cluster.nodeReady(worker()), patience)
  })

  test('what is not there can not be taken away', async () => {
    const [etcd] = pair().own.cluster.etcd
    if (!etcd) throw new Error('no etcd')
    const { faults } = pair()
    const unavailable = { code: 'HF_FAULT_UNAVAILABLE' }
    await expect(faults.flushProxy(etcd)).rejects.toMatchObject(unavailable)
    await expect(faults.removeCni(etcd)).rejects.toMatchObject(unavailable)
    await expect(faults.deleteRoutes(etcd)).rejects.toMatchObject(unavailable)
    const nobody = { address: '10.96.99.99', protocol: 'tcp', port: 80 } as const
    await expect(faults.deleteRule(worker(), nobody)).rejects.toMatchObject(unavailable)
    expect(await pair().residue()).toEqual([])
  })
}
