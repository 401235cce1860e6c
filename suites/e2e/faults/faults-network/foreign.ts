import { expect } from 'vitest'
import { isolated, oneWay } from '../../../../harness/faults/network/grudges.ts'
import { testEffect } from '../proving.ts'
import type { PodPair } from './pod-pair.ts'

/** Rules of an administrator in the hooks that faults use, and a qdisc on a device. */
const made = [
  'iptables -t mangle -N FOREIGN',
  'iptables -t mangle -A FOREIGN -p 200 -j RETURN',
  'iptables -t mangle -I POSTROUTING -j FOREIGN',
  'iptables -t raw -A OUTPUT -p 200 -j CT --notrack',
  'iptables -t nat -A OUTPUT -p 200 -j RETURN',
  'nft add table inet foreign',
  "nft 'add chain inet foreign prerouting { type filter hook prerouting priority -300; policy accept; }'",
  'nft add rule inet foreign prerouting ip daddr 192.0.2.1 counter drop',
  'tc qdisc add dev eth0 root handle 4821: tbf rate 10gbit burst 10mb latency 50ms',
]
const gone = [
  'tc qdisc del dev eth0 root',
  'nft delete table inet foreign',
  'iptables -t nat -D OUTPUT -p 200 -j RETURN',
  'iptables -t raw -D OUTPUT -p 200 -j CT --notrack',
  'iptables -t mangle -D POSTROUTING -j FOREIGN',
  'iptables -t mangle -F FOREIGN',
  'iptables -t mangle -X FOREIGN',
]
/** Prints the rules without counters. */
const listForeignRules = `iptables-save | grep -e FOREIGN -e '-p 200' | sed 's/ \\[.*//'; nft -s list table inet foreign; tc qdisc show dev eth0`

export function foreignTests(pair: () => PodPair): void {
  testEffect(
    ['partition', 'impair', 'half-open', 'dns-failure', 'flush-proxy'],
    'rules and qdiscs of other programs stay unchanged',
    pair,
    async () => {
      const [worker, master] = [pair().machine('worker'), pair().machine('master')]
      const { faults } = pair()
      await pair().shell(worker, made.join(' && '))
      try {
        const before = await pair().shell(worker, listForeignRules)
        expect(before.split('\n').length).toBeGreaterThan(8)
        const both = isolated(worker, [master])
        const rate = { network: 'cluster', port: 10_256, rate: 1_000_000 } as const
        const activeFaults = [
          await faults.partition(both, { network: 'pods', port: 9, verdict: 'reject' }),
          // netem would replace the qdisc: the fault uses NFQUEUE instead.
          await faults.impair(pair().wayThere, rate),
          await faults.halfOpen(oneWay([master], [worker]), { network: 'cluster', port: 10_250 }),
          await faults.dnsFailure([worker]),
          await faults.flushProxy(worker, { what: 'tables' }),
        ]
        expect(activeFaults[1]?.evidence[0]?.facts).toMatchObject({ held: true, labels: 1 })
        await expect(
          faults.impair([{ from: worker, to: master }], { ...rate, port: 9, means: 'kernel' }),
        ).rejects.toThrow()
        expect(await pair().shell(worker, listForeignRules)).toBe(before)
        for (const active of activeFaults.toReversed()) await active.heal()
        expect(await pair().shell(worker, listForeignRules)).toBe(before)
      } finally {
        await pair().shell(worker, gone.join('; '))
      }
    },
  )
}
