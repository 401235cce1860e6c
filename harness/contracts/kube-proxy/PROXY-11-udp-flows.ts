import { type Finding, defineContract } from '../../judge/contract.ts'
import { overlaps, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { type PortState, portHistory } from '../../judge/kube-proxy/port-history.ts'
import { endpointAddress } from '../../judge/kube-proxy/service-port.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { duration } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { rulesFollow, watchDelayMs } from '../bounds.ts'
import { proxyFacts, reference } from './proxy-facts.ts'

/** An endpoint that received a sender's datagrams and was removed later. */
interface Left {
  readonly machine: string
  readonly service: string
  readonly to: string
  readonly endpoint: string
  readonly goneAt: number
  /** The last flow record that lists the sender at the endpoint, and whether a later record does not. */
  readonly held: RecordOf<'flows'>
  readonly released: boolean
}

interface Held {
  readonly machine: string
  readonly to: string
  readonly endpoint: string
  readonly heldMs: number
}

const formatFlow = ({ machine, to, endpoint, heldMs }: Held): string =>
  `${machine} sent datagrams for ${to} to ${endpoint} ${duration(heldMs)} after the endpoint was removed`

const found = findings({
  FLOW_RELEASED: ({ machine, to, endpoint, heldMs }: Held) =>
    `${machine} moved the datagrams for ${to} off the removed endpoint ${endpoint}; the last flow record with that endpoint is ${duration(heldMs)} after its removal.`,
  FLOW_RELEASED_LATE: (held: Held) => `${formatFlow(held)}.`,
  FLOW_HELD: (held: Held) => `${formatFlow(held)}, in the last flow record.`,
})

export const udpFlows = defineContract<Left>({
  id: 'PROXY-11',
  area: 'kube-proxy',
  promise:
    'kube-proxy removes conntrack entries of deleted UDP endpoints, so that a sender with a fixed port reaches another endpoint.',
  reference,
  stimulus: { needs: 'a UDP sender whose endpoint is deleted', find: leftBehind },
  judge: (recording, all) => gravest(all, (left) => judgeLeft(recording, left)),
})

/**
 * Left out: flows without records for long enough after the endpoint's end, and flows that a fault may have disturbed.
 */
function leftBehind(recording: Recording): Left[] {
  const snapshots = recording.of('flows')
  if (snapshots.length === 0) return []
  proxyFacts(recording)
  const senders = Map.groupBy(snapshots, ({ machine, service, sourcePort }) => `${machine} ${service} ${sourcePort}`)
  return [...senders.values()].flatMap((own) => {
    const places = Map.groupBy(
      own.flatMap((snapshot) => snapshot.flows.map((flow) => ({ snapshot, ...flow }))),
      ({ to, answeredBy }) => `${to} ${answeredBy}`,
    )
    return [...places.values()].flatMap((seen) => leftAt(recording, own, seen) ?? [])
  })
}

type Seen = RecordOf<'flows'>['flows'][number] & { readonly snapshot: RecordOf<'flows'> }

function leftAt(recording: Recording, own: readonly RecordOf<'flows'>[], seen: readonly Seen[]): Left | undefined {
  const last = seen.at(-1)
  if (!last) return undefined
  const { snapshot, to, answeredBy } = last
  const { machine, service } = snapshot
  // An address that is an endpoint again was not left behind.
  const goneAt = portHistory(recording).findLast((state) => serves(state, service, to, answeredBy))?.until
  if (goneAt === undefined || goneAt === Infinity) return undefined
  const later = own.find(({ at }) => at > snapshot.at)
  const until = later?.at ?? snapshot.at
  // The endpoint may have been removed shortly before the watch reported it.
  if (until <= goneAt - watchDelayMs || isDisturbed(recording, machine, goneAt, until)) return undefined
  const released = later !== undefined
  const tooShort = !released && snapshot.at - goneAt <= rulesFollow(recording).limit
  return tooShort ? undefined : { machine, service, to, endpoint: answeredBy, goneAt, held: snapshot, released }
}

function serves({ ports }: PortState, service: string, to: string, address: string): boolean {
  return ports.some(
    (port) =>
      port.service === service &&
      port.protocol === 'udp' &&
      `${port.clusterIP}:${port.port}` === to &&
      port.endpoints.some((one) => one.serving && endpointAddress(one) === address),
  )
}

function isDisturbed(recording: Recording, machine: string, from: number, until: number): boolean {
  const stale = possibleFaults(recording)
    .filter(({ fault, target }) => fault === 'stale-conntrack' && target.machines.includes(machine))
    .map((window) => ({ from: window.intentAt, until: window.until }))
  const { isKnown, disturbancesOf } = proxyFacts(recording)
  const time = { from, until }
  return !isKnown(time) || [...stale, ...disturbancesOf(machine)].some((one) => overlaps(one, time))
}

function judgeLeft(recording: Recording, { machine, to, endpoint, goneAt, held, released }: Left): Finding {
  const bound = rulesFollow(recording)
  const heldMs = Math.max(0, held.at - goneAt)
  const values = { machine, to, endpoint, heldMs }
  const details = { observed: `last flow ${duration(heldMs)} after the removal`, evidence: [held] }
  if (!released && heldMs > bound.limit) return found.fail('FLOW_HELD', values, { ...details, measured: heldMs, bound })
  return found.timed({ pass: 'FLOW_RELEASED', late: 'FLOW_RELEASED_LATE' }, values, heldMs, bound, details)
}
