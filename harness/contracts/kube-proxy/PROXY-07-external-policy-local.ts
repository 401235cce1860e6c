import { type Contract, type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import type { Probed } from '../../judge/proxy-rules/probed.ts'
import type { Reached } from '../../judge/proxy-rules/reached.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted } from '../../judge/verdict/words.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { rulesFollow } from '../bounds.ts'
import { type HealthCheck, healthChecks, wrongHealth } from './traffic/health.ts'
import { type NameAnswer, headlessAnswers, isWithheld, wrongName } from './traffic/names.ts'
import { localFromOutside, outsideProbes } from './traffic/outside.ts'
import { packetDetails, packetSentences } from './traffic/packet-sentences.ts'
import { packetsSent, reference } from './scene.ts'

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

interface Unready {
  readonly refused: number
  readonly published: number
  readonly withheld: number
  readonly named: number
}

const found = findings({
  ...packetSentences,
  LOCAL_FROM_OUTSIDE: ({ answered, dropped, healthy, unhealthy }: Outside) =>
    `Nodes with an endpoint answered ${counted(answered, 'packet')} from outside and kept the sender's address, Nodes without one dropped ${dropped}; ${counted(healthy, 'health check')} reported an endpoint and ${unhealthy} none.`,
  TERMINATING_SERVED: ({ packets }: { readonly packets: number }) =>
    `The last endpoint received and answered ${counted(packets, 'packet')} while it was terminating.`,
  LOCAL_INSIDE: ({ answered, dropped }: { readonly answered: number; readonly dropped: number }) =>
    `Nodes with an endpoint answered ${counted(answered, 'packet')} themselves, and Nodes without one dropped ${dropped}.`,
  UNREADY_LEFT_OUT: ({ refused, published, withheld, named }: Unready) =>
    `Services without a ready endpoint refused ${counted(refused, 'packet')}, and those that publish such endpoints answered ${published}; DNS withheld their addresses ${counted(withheld, 'time')} and returned published or ready ones ${counted(named, 'time')}.`,
})

function wrongPacket(packets: readonly Reached[]): Finding | undefined {
  const sent = packets.find(({ wrong }) => wrong !== undefined)
  return sent?.wrong && found.fail(sent.wrong.code, sent.wrong.values, packetDetails(sent))
}

/** The largest age of the rules that packets met. */
function measured(
  recording: Recording,
  packets: readonly Reached[],
): { readonly measured: number; readonly bound: Bound } {
  return { measured: Math.max(0, ...packets.map(({ oldMs }) => oldMs)), bound: rulesFollow(recording) }
}

const isOutside = ({ record, port }: Reached): boolean =>
  record.through !== '' && record.through !== record.from && port.externalLocal
const isInside = ({ record, port }: Reached): boolean => record.through === '' && port.internalLocal
const isLeaving = ({ endpoints }: Reached): boolean => endpoints.some(({ terminating }) => terminating)
const isUnready = ({ port }: Reached): boolean =>
  port.endpoints.length > 0 && port.endpoints.every(({ serving, terminating }) => !serving && !terminating)

interface FromOutside {
  readonly packets: readonly Reached[]
  readonly probes: readonly Probed[]
  readonly checks: readonly HealthCheck[]
}

/** PROXY-07 */
const localOutside = defineContract<FromOutside>({
  id: 'PROXY-07',
  area: 'kube-proxy',
  promise:
    "With external traffic policy Local a Node sends external traffic to its own endpoints and keeps the sender's address; it drops the traffic without one, and its health check reports whether it has one.",
  reference,
  stimulus: {
    needs: 'traffic from outside to a Service with external traffic policy Local',
    find(recording) {
      const packets = packetsSent(recording).filter(isOutside)
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
    return found.pass('LOCAL_FROM_OUTSIDE', values, { observed, ...measured(recording, packets) })
  },
})

/** PROXY-08 */
const leaving = defineContract<Reached>({
  id: 'PROXY-08',
  area: 'kube-proxy',
  promise:
    'With traffic policy Local, endpoints that are terminating and still serving receive traffic when no other local endpoint is left.',
  reference,
  stimulus: {
    needs: 'a packet to a Service with traffic policy Local whose local endpoints are all terminating',
    find: (recording) =>
      packetsSent(recording).filter((sent) => (isOutside(sent) || isInside(sent)) && isLeaving(sent)),
  },
  judge(recording, packets) {
    const observed = counted(packets.length, 'packet')
    return (
      wrongPacket(packets) ??
      found.pass('TERMINATING_SERVED', { packets: packets.length }, { observed, ...measured(recording, packets) })
    )
  },
})

/** PROXY-09 */
const localInside = defineContract<Reached>({
  id: 'PROXY-09',
  area: 'kube-proxy',
  promise:
    'With internal traffic policy Local a Node sends packets to endpoints on the same Node, and drops them without one.',
  reference,
  stimulus: {
    needs: 'a packet to a Service with internal traffic policy Local',
    find: (recording) => packetsSent(recording).filter(isInside),
  },
  judge(recording, packets) {
    const answered = packets.filter(({ endpoints }) => endpoints.length > 0).length
    const dropped = packets.filter(({ refusal }) => refusal === 'drop').length
    const observed = `${answered} answered, ${dropped} dropped`
    return (
      wrongPacket(packets) ??
      found.pass('LOCAL_INSIDE', { answered, dropped }, { observed, ...measured(recording, packets) })
    )
  },
})

interface ToUnready {
  readonly packets: readonly Reached[]
  readonly names: readonly NameAnswer[]
}

/** PROXY-10 */
const unready = defineContract<ToUnready>({
  id: 'PROXY-10',
  area: 'kube-proxy',
  promise:
    'Endpoints that are not ready receive no traffic and are not in DNS, unless their Service publishes not-ready addresses; headless Services have no rules.',
  reference,
  stimulus: {
    needs: 'the use of a Service whose endpoints are not ready, or of the name of a headless Service',
    find(recording) {
      const packets = packetsSent(recording).filter(isUnready)
      const names = headlessAnswers(recording)
      return packets.length + names.length > 0 ? [{ packets, names }] : []
    },
  },
  judge(recording, [{ packets, names }]) {
    const wrong = wrongPacket(packets) ?? wrongName(recording, names)
    if (wrong) return wrong
    const values = {
      refused: packets.filter(({ refusal }) => refusal === 'reject').length,
      published: packets.filter(({ endpoints }) => endpoints.length > 0).length,
      withheld: names.filter(isWithheld).length,
      named: names.filter(({ record }) => record.addresses.length > 0).length,
    }
    const observed = `${values.refused} refused, ${values.withheld} withheld`
    return found.pass('UNREADY_LEFT_OUT', values, { observed, ...measured(recording, packets) })
  },
})

export const policies: readonly Contract[] = [localOutside, leaving, localInside, unready]
