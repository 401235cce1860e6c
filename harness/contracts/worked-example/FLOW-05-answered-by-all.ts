import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { hasCondition, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { readyPods } from '../../judge/cluster/service-endpoints.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { twoCalls } from '../bounds.ts'
import { tookMs } from './expected.ts'
import { type Exposed, exposedChains } from './exposed.ts'
import { unreachable, usesOf } from './reached-pods.ts'

interface Complete {
  readonly service: string
  readonly address: string
  readonly pods: readonly string[]
  readonly afterMs: number
  /** Series of connections to the Service; 0 where none was recorded before the chain ended. */
  readonly samples: number
}

const found = findings({
  ADDRESS_SHARED: ({ service, other, address }: { service: string; other: string; address: string }) =>
    `${service} and ${other} have the same address, ${address}.`,
  SLICES_INCOMPLETE: ({ service, pods, ready, afterMs }: Incomplete) =>
    `${duration(afterMs)} after the pods were Ready the slices of ${service} listed ${ready.length > 0 ? listed(ready) : 'no pod'} instead of ${listed(pods)}.`,
  ENDPOINT_TOO_EARLY: ({ service, pod }: { readonly service: string; readonly pod: string }) =>
    `The slices of ${service} listed ${pod} as ready before it was Ready.`,
  ENDPOINT_UNREACHABLE: ({ service, node, missed }: { service: string; node: string; missed: readonly string[] }) =>
    `${listed(missed)} answered no connection to ${service} from ${node}.`,
  ANSWERED_BY_ALL: ({ service, address, pods, afterMs, samples }: Complete) =>
    `No other Service has ${address}; the slices of ${service} listed ${listed(pods)} after ${duration(afterMs)}, and ${samples === 0 ? 'no connections were recorded' : `each pod answered on every Node in ${counted(samples, 'sample')}`}.`,
  SLICES_LATE: ({ service, afterMs }: Complete) =>
    `The slices of ${service} listed all pods ${duration(afterMs)} after the Service was requested and the pods were Ready.`,
})

interface Incomplete {
  readonly service: string
  readonly pods: readonly string[]
  readonly ready: readonly string[]
  readonly afterMs: number
}

export const answeredByAll = defineContract<Exposed>({
  id: 'FLOW-05',
  area: 'worked-example',
  promise:
    'A Service gets an address of its own, and its slices list exactly the ready pods. Each of them answers at that address on every Node.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/service/',
  stimulus: {
    needs: 'a Service that was created for the Ready pods of one Deployment without a fault at that time',
    find: exposedChains,
  },
  judge: (recording, chains) => gravest(chains, (one) => onService(recording, one)),
})

/** Pods and slices have separate watches: one may report a little before the other. */
const inFlightMs = 1_000

function onService(recording: Recording, one: Exposed): Finding {
  const { chain, service, address, request, pods, states, complete } = one
  const broken = sharedAddress(recording, one) ?? earlyEndpoint(one)
  if (broken) return broken
  const afterMs = tookMs(chain, complete, `the slices of ${service} had to list all pods`)
  const last = states.findLast(({ at }) => at <= chain.endsAt)
  if (afterMs === undefined) {
    return found.fail(
      'SLICES_INCOMPLETE',
      { service, pods, ready: last ? readyPods(last.endpoints) : [], afterMs: chain.endsAt - complete.from },
      { observed: 'slices without the pods', bound: twoCalls, evidence: [request] },
    )
  }
  const uses = usesOf(recording, one)
  const missed = unreachable(recording, one, uses)
  if (missed) {
    return found.fail(
      'ENDPOINT_UNREACHABLE',
      { service, ...missed },
      { observed: `an endpoint out of reach of ${missed.node}`, evidence: uses },
    )
  }
  return found.timed(
    { pass: 'ANSWERED_BY_ALL', late: 'SLICES_LATE' },
    { service, address, pods, afterMs, samples: uses.length },
    afterMs,
    twoCalls,
    {
      observed: `slices complete after ${duration(afterMs)}`,
      moments: [{ at: complete.from + afterMs, label: 'slices complete' }],
      evidence: [request, ...uses],
    },
  )
}

function sharedAddress(recording: Recording, { life, service, address, request, chain }: Exposed): Finding | undefined {
  const twin = objects(recording, 'services').lives.find(
    (other) =>
      other.uid !== life.uid &&
      other.deletedAt > request.endedAt &&
      other.bornAt < Math.min(life.deletedAt, chain.endsAt) &&
      other.versions.some(({ object }) => object.spec.clusterIP === address),
  )
  if (!twin) return undefined
  return found.fail(
    'ADDRESS_SHARED',
    { service, other: `${twin.namespace}/${twin.name}`, address },
    {
      observed: 'an address allocated twice',
      evidence: [life, twin].flatMap(({ versions }) => versions[0]?.record ?? []),
    },
  )
}

function earlyEndpoint({ chain, service, states }: Exposed): Finding | undefined {
  const early = chain.pods.find((life) => {
    const listedAt = states.find(({ endpoints }) => endpoints.get(life.name)?.ready)?.at ?? Infinity
    const readyAt = life.first((pod) => hasCondition(pod, 'Ready', 'True'))?.at ?? Infinity
    return listedAt <= chain.endsAt && readyAt > listedAt + inFlightMs
  })
  if (!early) return undefined
  return found.fail(
    'ENDPOINT_TOO_EARLY',
    { service, pod: early.name },
    { observed: 'an endpoint ready too early', evidence: early.versions.map(({ record }) => record) },
  )
}
