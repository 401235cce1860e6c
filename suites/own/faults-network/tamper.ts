import { expect } from 'vitest'
import { servicePorts } from '../../../harness/cluster/agnhost.ts'
import { serviceNetwork } from '../../../harness/cluster/machine-spec.ts'
import { eventually } from '../../../harness/eventually.ts'
import { iptablesChains } from '../../../harness/iptables-chains.ts'
import { bites, refused } from '../proving.ts'
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
  /** All rules of the machine, whosever they are, as their own tools print them; without counters. */
  const rules = async (): Promise<unknown> => {
    const iptables = await pair().shell(worker(), 'iptables-save')
    const nft = await pair().shell(worker(), 'nft -s list table ip kube-proxy 2>/dev/null || true')
    return [[...iptablesChains(iptables)].map(([name, chains]) => [name, Object.fromEntries(chains)]), nft]
  }
  /** kube-proxy in that mode, on the worker: it starts in iptables, and stays in what it was last put into. */
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
    await eventually('kube-proxy to have written its rules', known, { withinMs: 60_000 })
    // Its configuration is another one from here on, and so is what it leaves.
    await pair().lookBefore()
  }

  bites('flush-proxy', 'under somebody who writes the same rules again and again', pair, async () => {
    await inMode('iptables')
    const before = await rules()
    // As kube-proxy writes them: its own chains, all at once.
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
      bites(
        'flush-proxy',
        `without its ${what} nothing finds a Service; healed, all is as it was (${mode})`,
        pair,
        async () => {
          await inMode(mode)
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
    }

    bites('delete-rule', `without one rule only its port is not found (${mode})`, pair, async () => {
      await inMode(mode)
      const before = await rules()
      const overTcp = `socat -u OPEN:/dev/null TCP:${dns.address}:${dns.port},connect-timeout=2 && echo open`
      const lease = await pair().faults.deleteRule(worker(), { ...dns, protocol: 'udp' })
      expect(await resolves('worker')).toBe(false)
      expect(await pair().inPod('worker', overTcp)).toBe('open\n')
      await lease.heal()
      expect(await resolves('worker')).toBe(true)
      expect(await rules()).toEqual(before)
    })
  }

  bites('stale-conntrack', 'a stale entry sends one flow nowhere and leaves the next one alone', pair, async () => {
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

  bites('delete-routes', 'no pod of another machine is found, until they are there again', pair, async () => {
    const routes = () => pair().shell(worker(), 'ip route show')
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

  bites('remove-cni', 'without its pod network configuration a Node is not ready', pair, async () => {
    const { cluster } = pair().own
    const lease = await pair().faults.removeCni(worker())
    const patience = { withinMs: 60_000, everyMs: 200 }
    await eventually('the Node not to be ready', async () => !(await cluster.nodeReady(worker())), patience)
    expect((await pair().attempt('worker', pair().podUrl('master'), { pod: true })).answered, 'what runs').toBe(true)
    await lease.heal()
    await eventually('the Node to be ready', () => cluster.nodeReady(worker()), patience)
  })

  refused(
    ['flush-proxy', 'remove-cni', 'delete-routes', 'delete-rule', 'stale-conntrack'],
    'what is not there',
    pair,
    async () => {
      const { faults } = pair()
      const [etcd] = pair().own.cluster.etcd
      if (!etcd) throw new Error('no etcd')
      const nobody = { address: '10.96.99.99', protocol: 'tcp', port: 80 } as const
      const flow = {
        client: { address: '10.0.0.1', port: 1 },
        service: nobody,
        endpoint: { address: '10.0.0.2', port: 1 },
      }
      return [
        () => faults.flushProxy(etcd),
        () => faults.removeCni(etcd),
        () => faults.deleteRoutes(etcd),
        () => faults.deleteRule(worker(), nobody),
        () => faults.staleConntrack(etcd, flow),
      ]
    },
  )
}
