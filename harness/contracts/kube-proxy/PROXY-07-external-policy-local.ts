import { defineContract } from '../../judge/contract.ts'
import type { Probed } from '../../judge/kube-proxy/probed.ts'
import type { Reached } from '../../judge/kube-proxy/reached.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { packetsSent, reference } from './proxy-facts.ts'
import { type HealthCheck, healthChecks, wrongHealth } from './traffic/health.ts'
import { localFromOutside, outsideProbes } from './traffic/outside.ts'
import { isExternalLocal, oldestRules, wrongPacket } from './traffic/packet-results.ts'

interface Outside {
  /**
   * Test packets and probes that reached an endpoint of their Node, and those that a Node without an endpoint dropped.
   */
  readonly answered: number
  readonly dropped: number
  /** Health checks that reported an endpoint, and those that reported none. */
  readonly healthy: number
  readonly unhealthy: number
}

interface FromOutside {
  readonly packets: readonly Reached[]
  readonly probes: readonly Probed[]
  readonly checks: readonly HealthCheck[]
}

const found = findings({
  LOCAL_FROM_OUTSIDE: ({ answered, dropped, healthy, unhealthy }: Outside) =>
    `Nodes with an endpoint answered ${counted(answered, 'packet')} from outside and kept the sender's address, Nodes without one dropped ${dropped}; ${counted(healthy, 'health check')} reported an endpoint and ${unhealthy} none.`,
})

export const externalPolicyLocal = defineContract<FromOutside>({
  id: 'PROXY-07',
  area: 'kube-proxy',
  promise:
    "With external traffic policy Local a Node sends external traffic only to its own endpoints and keeps the sender's address. Its health check reports whether it has an endpoint.",
  reference,
  stimulus: {
    needs: 'traffic from outside to a Service with external traffic policy Local',
    find(recording) {
      const packets = packetsSent(recording).filter(isExternalLocal)
      const probes = outsideProbes(recording).filter(({ port }) => port.externalLocal)
      const checks = healthChecks(recording)
      return packets.length + probes.length + checks.length > 0 ? [{ packets, probes, checks }] : []
    },
  },
  judge(recording, [{ packets, probes, checks }]) {
    const wrong = wrongPacket(packets) ?? wrongHealth(checks) ?? localFromOutside(recording, probes)
    if (wrong) return wrong
    const all = [...packets, ...probes]
    const reported = (status: number): number => checks.filter(({ record }) => record.status === status).length
    const values = {
      answered: all.filter(({ endpoints }) => endpoints.length > 0).length,
      dropped: all.filter(({ refusal }) => refusal === 'drop').length,
      healthy: reported(200),
      unhealthy: reported(503),
    }
    const observed = `${values.answered} answered, ${values.dropped} dropped, ${counted(checks.length, 'health check')}`
    return found.pass('LOCAL_FROM_OUTSIDE', values, { observed, ...oldestRules(recording, packets) })
  },
})
