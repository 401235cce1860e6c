import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { hasCondition, objects } from '../../judge/kubernetes-objects.ts'
import { namespaceOf, nodeMachines, span } from '../../judge/scene.ts'
import { endpointStates, readyPods } from '../../judge/service-endpoints.ts'
import { InconclusiveError, requireEvidence } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { twoCalls } from '../bounds.ts'
import { creationOf, example, examplePods } from './trace.ts'

/** FLOW-05 */
export const answeredByAll: Contract = {
  id: 'FLOW-05',
  area: 'worked-example',
  promise:
    'A Service gets an address of its own, its slices list exactly the ready pods, and on every Node that address is answered by each of them.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/service/',
  scenarios: ['worked-example'],
  judge(recording) {
    const namespace = namespaceOf(recording)
    const service = `${namespace}/${example}`
    const { from, until } = span(recording)
    needWatched(recording, 'services', from, until)
    needWatched(recording, 'endpointslices', from, until)
    const asked = creationOf(recording, 'services', example)
    const address = addressOf(recording, namespace)
    const twin = objects(recording, 'services').lives.find(
      ({ versions, deletedAt, name, namespace: other }) =>
        `${other}/${name}` !== service &&
        deletedAt > asked.at &&
        versions.some(({ object }) => object.spec.clusterIP === address),
    )
    if (twin)
      return failed(`${service} and ${twin.namespace}/${twin.name} have one address, ${address}.`, {
        observed: 'an address given twice',
      })

    const pods = examplePods(recording)
    const wanted = pods.map(({ name }) => name).sort()
    const states = endpointStates(recording, service)
    const complete = states.find(({ endpoints }) => readyPods(endpoints).join() === wanted.join())
    if (!complete) {
      const last = states.at(-1)
      return failed(
        `The slices never listed exactly ${listed(wanted)}, at the end ${last ? listed(readyPods(last.endpoints)) || 'nobody' : 'nobody'}.`,
        {
          observed: 'slices without the pods',
          bound: twoCalls,
        },
      )
    }
    const early = pods.find((life) => {
      const listedAt = states.find(({ endpoints }) => endpoints.get(life.name)?.ready)?.at ?? Infinity
      const readyAt = life.first((pod) => hasCondition(pod, 'Ready', 'True'))
      return !readyAt || readyAt.at > listedAt + inFlightMs
    })
    if (early)
      return failed(`The slices listed ${early.name} as ready before it was.`, {
        observed: 'an endpoint ready too early',
      })

    const samples = recording.of('sample').filter((sample) => sample.service === service)
    for (const machine of nodeMachines(recording)) {
      const own = samples.filter((sample) => sample.from === machine)
      if (own.length === 0) throw new InconclusiveError(`Nobody used ${service} on ${machine}.`)
      const missed = own.flatMap((sample) =>
        wanted.filter((pod) => !sample.backends[pod]).map((pod) => `${pod} over ${sample.protocol.toUpperCase()}`),
      )
      if (missed.length > 0) {
        return failed(`On ${machine} the address was never answered by ${listed(missed)}.`, {
          observed: `an endpoint out of reach of ${machine}`,
        })
      }
    }
    // Pods that became ready later than the Service was asked for start the clock themselves.
    const since = Math.max(
      asked.at,
      ...pods.map((life) => life.first((pod) => hasCondition(pod, 'Ready', 'True'))?.at ?? 0),
    )
    const ms = Math.max(0, complete.at - since)
    return timed(ms, twoCalls, {
      observed: `slices complete ${duration(ms)} after the Service, each pod answered everywhere`,
      pass: `${address} is nobody else's, and ${counted(samples.length, 'sample')} reached ${listed(wanted)} from every Node.`,
      late: `The slices listed all pods only ${duration(ms)} after the Service was asked for.`,
      moments: [{ at: complete.at, label: 'slices complete' }],
    })
  },
}

/** Pods and slices are two watches: one may be told a little before the other. */
const inFlightMs = 1_000

function addressOf(recording: Parameters<Contract['judge']>[0], namespace: string): string {
  const life = requireEvidence(
    objects(recording, 'services').named(namespace, example)[0],
    `The Service ${example} was not seen.`,
  )
  const address = requireEvidence(life.versions.at(-1)?.object.spec.clusterIP, `The Service ${example} has no address.`)
  if (address === '' || address === 'None') throw new InconclusiveError(`The Service ${example} is headless.`)
  return address
}
