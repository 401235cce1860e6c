import type { AnyContract as Contract, LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed, passed } from '../../judge/bridge.ts'
import type { Reached } from '../../judge/proxy-rules/reached.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'
import { healthChecks } from './health.ts'
import { headlessNames } from './names.ts'
import { localFromOutside } from './outside.ts'
import { packetsSent, proxyScene, reference, scenarios } from './scene.ts'

/** Sorts of packets of which each has to have been seen, by what is said of them where one is missing. */
type Sorts = Readonly<Record<string, (sent: Reached) => boolean>>

/** What others say of Services beside the rules: wrong, or in words what it rests on. */
type Beside = (recording: Recording) => Finding | { readonly words: string }

/** Every packet of some sorts has to meet what its Service asks; there have to be some of each. */
function all(recording: Recording, sorts: Sorts, pass: string, ...besides: readonly Beside[]): Finding {
  const packets = packetsSent(recording, proxyScene(recording))
  const counts = Object.entries(sorts).map(([what, fits]) => ({
    what,
    packets: requireNonEmpty(packets.filter(fits), `No packet was sent ${what}.`),
  }))
  const wrong = counts.flatMap((sort) => sort.packets).find((sent) => sent.wrong !== undefined)
  const observed = counts.map(({ what, packets: some }) => `${some.length} ${what}`).join(', ')
  if (wrong) {
    const { at } = wrong.record
    return failed(wrong.wrong ?? '', {
      observed: `wrong among ${observed}`,
      moments: [{ at, label: 'a packet went wrong' }],
    })
  }
  let more = ''
  for (const beside of besides) {
    const found = beside(recording)
    if ('status' in found) return found
    more += `; ${found.words}`
  }
  const sent = counts.flatMap((sort) => sort.packets)
  const measured = Math.max(...sent.map(({ oldMs }) => oldMs))
  const bound = rulesFollow(recording)
  return passed(`${pass} (${counted(sent.length, 'packet')})${more}.`, { observed, measured, bound })
}

const isOutside = ({ record, port }: Reached): boolean =>
  record.through !== '' && record.through !== record.from && port.externalLocal
/** From a sender that is no machine of the cluster. */
const isForeign = (sent: Reached): boolean => isOutside(sent) && sent.record.source !== undefined
const isInside = ({ record, port }: Reached): boolean => record.through === '' && port.internalLocal
const isLeaving = ({ endpoints }: Reached): boolean => endpoints.some(({ terminating }) => terminating)

/** PROXY-07 */
export const localOutside: Contract = {
  id: 'PROXY-07',
  area: 'kube-proxy',
  promise:
    'With external traffic policy Local a Node sends what comes from outside to its own endpoints, with the sender unchanged, and drops it where it has none; asked by load balancers, it says which.',
  reference,
  scenarios,
  judge: (recording) =>
    all(
      recording,
      {
        'to a Node with an endpoint': (sent) => isOutside(sent) && sent.endpoints.some(({ ready }) => ready),
        'to a Node without one': (sent) => isOutside(sent) && sent.refusal === 'drop',
        'from outside of the cluster to a Node with one': (sent) => isForeign(sent) && sent.endpoints.length > 0,
      },
      "Nodes with an endpoint answered with the sender's address unchanged, and those without dropped what came",
      healthChecks,
      localFromOutside,
    ),
}

/** PROXY-08 */
export const leaving: Contract = {
  id: 'PROXY-08',
  area: 'kube-proxy',
  promise: 'Where all local endpoints are terminating, those that still serve go on being sent to.',
  reference,
  scenarios,
  judge: (recording) =>
    all(
      recording,
      {
        'from outside to a terminating endpoint': (sent) => isOutside(sent) && isLeaving(sent),
        'inside to a terminating endpoint': (sent) => isInside(sent) && isLeaving(sent),
      },
      'The last endpoint was sent to and answered while it was terminating',
    ),
}

/** PROXY-09 */
export const localInside: Contract = {
  id: 'PROXY-09',
  area: 'kube-proxy',
  promise:
    'With internal traffic policy Local packets to a Service go to endpoints on the same Node, and are dropped where there is none.',
  reference,
  scenarios,
  judge: (recording) =>
    all(
      recording,
      {
        'on a Node with an endpoint': (sent) => isInside(sent) && sent.endpoints.length > 0,
        'on a Node without one': (sent) => isInside(sent) && sent.refusal === 'drop',
      },
      'Packets were answered on the same Node, and dropped where it had no endpoint',
    ),
}

const isUnready = ({ port }: Reached): boolean =>
  port.endpoints.length > 0 && port.endpoints.every(({ serving, terminating }) => !serving && !terminating)

/** PROXY-10 */
export const unready: Contract = {
  id: 'PROXY-10',
  area: 'kube-proxy',
  promise:
    'Endpoints that are not ready are sent nothing, unless their Service publishes addresses that are not ready; the names of headless Services, which have no rules, are no exception.',
  reference,
  scenarios,
  judge: (recording) =>
    all(
      recording,
      {
        'to endpoints that are not ready': (sent) => isUnready(sent) && sent.refusal === 'reject',
        'to endpoints that are published all the same': (sent) => isUnready(sent) && sent.endpoints.length > 0,
      },
      'A Service of endpoints that are not ready refused, and one that publishes them answered',
      headlessNames,
    ),
}
