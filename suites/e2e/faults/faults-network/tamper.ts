import { expect } from 'vitest'
import { servicePorts } from '../../../../harness/cluster/agnhost.ts'
import { serviceNetwork } from '../../../../harness/cluster/machine/machine-spec.ts'
import { eventually } from '../../../../harness/common/eventually.ts'
import { iptablesChains } from '../../../../harness/common/iptables-chains.ts'
import { testEffect, refused } from '../proving.ts'
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
  /** Reads all rules of the machine, without counters. */
  const rules = async (): Promise<unknown> => {
    const iptables = await pair().shell(worker(), 'iptables-save')
    const nft = await pair().shell(worker(), 'nft -s list table ip kube-proxy 2>/dev/null || true')
    return [[...iptablesChains(iptables)].map(([name, chains]) => [name, Object.fromEntries(chains)]), nft]
  }
  /** Runs the worker's kube-proxy in this mode. It starts in iptables and keeps the last mode. */
  const inMode = async (mode: 'iptables' | 'nftables'): Promise<void> => {
    const file = '/etc/kubernetes/kube-proxy.yaml'
    if ((await pair().shell(worker(), `cat ${file}`)).includes(`mode: ${mode}`)) return
    await pair().shell(worker(), `sed -i "s/mode: [a-z]*/mode: ${mode}/" ${file}`)
    await (await pair().faults.kill({ machine: worker(), component: 'kube-proxy' }, { stay: false })).heal()
    const written = {
      iptables: 'iptables-save -t nat | grep "kube-system/kube-dns:dns cluster IP"',
      nftables: 'nft list table ip kube-proxy | grep kube-system/kube-dns/udp/dns',
    }[mode]
    const known = (): Promise<boolean> =>
      pair()
        .shell(worker(), written)
        .then(
          () => true,
          () => false,
        )
    await eventually('kube-proxy to write its rules', known, { timeoutMs: 60_000 })
    // The new configuration needs a new baseline.
    await pair().recordBaseline()
  }

  testEffect('flush-proxy', 'while another process rewrites the same rules', pair, async () => {
    await inMode('iptables')
    const before = await rules()
    // Writes kube-proxy's chains at once, as kube-proxy does.
    const own = "iptables-save -t nat | grep -E '^([*]nat|:KUBE-|-A KUBE-|COMMIT)' >/tmp/own-rules"
    const loop = 'while :; do iptables-restore --noflush </tmp/own-rules; sleep 0.02; done'
    await pair().shell(worker(), `${own}; setsid sh -c '${loop}' </dev/null >/dev/null 2>&1 &`)
    try {
      for (let time = 1; time <= 10; time++) await (await pair().faults.flushProxy(worker(), { what: 'chains' })).heal()
    } finally {
      await pair().shell(worker(), "pkill -KILL -f '^sh -c while :; do iptables-restore'; rm /tmp/own-rules")
    }
    expect(await rules()).toEqual(before)
  })

  for (const mode of ['iptables', 'nftables'] as const) {
    for (const what of ['chains', 'tables'] as const) {
      testEffect(
        'flush-proxy',
        `without its ${what} no Service is reachable; healing restores all rules (${mode})`,
        pair,
        async () => {
          await inMode(mode)
          const before = await rules()
          expect(await resolves('worker')).toBe(true)
          const active = await pair().faults.flushProxy(worker(), { what })
          expect(active.evidence[0]?.facts).toMatchObject({ mode })
          expect(await resolves('worker')).toBe(false)
          expect(await resolves('master')).toBe(true)
          await active.heal()
          expect(await resolves('worker')).toBe(true)
          expect(await rules()).toEqual(before)
        },
      )
    }

    testEffect('delete-rule', `without one rule only its port is unreachable (${mode})`, pair, async () => {
      await inMode(mode)
      const before = await rules()
      const overTcp = `socat -u OPEN:/dev/null TCP:${dns.address}:${dns.port},connect-timeout=2 && echo open`
      const active = await pair().faults.deleteRule(worker(), { ...dns, protocol: 'udp' })
      expect(await resolves('worker')).toBe(false)
      expect(await pair().inPod('worker', overTcp)).toBe('open\n')
      await active.heal()
      expect(await resolves('worker')).toBe(true)
      expect(await rules()).toEqual(before)
    })
  }

  testEffect('stale-conntrack', 'a stale entry misdirects one flow and no other', pair, async () => {
    await pair().workloads.deployment('web', { replicas: 1 })
    const address = await pair().workloads.service('web')
    await pair().workloads.rolloutComplete('web')
    const query = (port: number) =>
      pair().inPod('worker', `printf hostname | socat -T 1 - UDP:${address}:${servicePorts.udp},sourceport=${port}`)
    await eventually('the Service to answer', async () => (await query(5_500)).startsWith('web-'), {
      timeoutMs: 30_000,
    })
    const active = await pair().faults.staleConntrack(worker(), {
      client: pair().pod('worker').address,
      clientPort: 5_555,
      service: address,
      servicePort: servicePorts.udp,
      endpoint: worker().spec.podRange?.replace('.0/24', '.254') ?? '',
      endpointPort: 8_081,
    })
    expect(await query(5_555)).toBe('')
    expect(await query(5_556)).toMatch(/^web-/)
    await active.heal()
    expect(await query(5_555)).toMatch(/^web-/)
  })

  testEffect('delete-routes', 'pods of other machines are unreachable until healed', pair, async () => {
    const routes = () => pair().shell(worker(), 'ip route show')
    const before = await routes()
    const frozen = await pair().faults.pause({ machine: worker(), component: 'flanneld' })
    const active = await pair().faults.deleteRoutes(worker())
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered).toBe(false)
    expect((await pair().attempt('worker', pair().hostUrl('master'))).answered).toBe(true)
    await active.heal()
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered).toBe(true)
    await frozen.heal()
    expect((await routes()).split('\n').sort()).toEqual(before.split('\n').sort())
  })

  testEffect('remove-cni', 'a Node without pod network configuration is not Ready', pair, async () => {
    const { cluster } = pair().own
    const active = await pair().faults.removeCni(worker())
    const waitOptions = { timeoutMs: 60_000, intervalMs: 200 }
    await eventually('the Node to be NotReady', async () => !(await cluster.nodeReady(worker())), waitOptions)
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered, 'running pods').toBe(true)
    await active.heal()
    await eventually('the Node to be Ready', () => cluster.nodeReady(worker()), waitOptions)
  })

  refused(
    ['flush-proxy', 'remove-cni', 'delete-routes', 'delete-rule', 'stale-conntrack'],
    'absent rules, routes and configuration',
    pair,
    async () => {
      const { faults } = pair()
      const [etcd] = pair().own.cluster.etcd
      if (!etcd) throw new Error('no etcd')
      const absent = { address: '10.96.99.99', protocol: 'tcp', port: 80 } as const
      const flow = {
        client: '10.0.0.1',
        clientPort: 1,
        service: absent.address,
        servicePort: absent.port,
        endpoint: '10.0.0.2',
        endpointPort: 1,
      }
      return [
        () => faults.flushProxy(etcd),
        () => faults.removeCni(etcd),
        () => faults.deleteRoutes(etcd),
        () => faults.deleteRule(worker(), absent),
        () => faults.staleConntrack(etcd, flow),
      ]
    },
  )
}
