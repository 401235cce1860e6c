import type { LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed } from '../../judge/bridge.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'

const label = 'kubernetes.io/service-name'

/**
 * What the cluster's DNS told of headless Services, for which there are no rules: never the address of an endpoint that was
 * not ready yet or is not published. A cache may be old, so that an address may be told later than it was ready.
 */
export function headlessNames(recording: Recording): Finding | { readonly words: string } {
  const headless = objects(recording, 'services').lives.filter(({ versions }) =>
    versions.some(({ object }) => object.spec.clusterIP === 'None'),
  )
  const services = new Map(headless.map((life) => [`${life.namespace}/${life.name}`, life]))
  const answers = recording.of('name').filter(({ answered, service }) => answered && services.has(service))
  const { limit } = rulesFollow(recording)
  let [withheld, published] = [0, 0]
  for (const { at, endedAt, machine, service, addresses } of answers) {
    const told = endpointsOf(recording, service).filter((one) => one.at <= endedAt + limit)
    const wrong = addresses.find((address) => !told.some((one) => one.address === address && one.ready))
    if (wrong !== undefined) {
      return failed(
        `Asked from ${machine}, DNS told ${wrong} for ${service}, which never was a ready endpoint of it.`,
        {
          observed: 'a wrong name',
          moments: [{ at, label: `a wrong name on ${machine}` }],
        },
      )
    }
    if (addresses.length > 0) published += 1
    else if (told.some((one) => one.at < at && !one.ready)) withheld += 1
  }
  for (const { machine, text } of recording.of('rules')) {
    const named = [...services.keys()].find((service) => text !== undefined && mentions(text, service))
    if (named !== undefined) {
      return failed(`There are rules for the headless Service ${named} on ${machine}.`, { observed: 'wrong rules' })
    }
  }
  requireNonEmpty(
    Array.from({ length: withheld }),
    'DNS was not asked for a headless Service whose endpoints are not ready.',
  )
  requireNonEmpty(Array.from({ length: published }), 'DNS told no address of a headless Service.')
  return {
    words: `${counted(withheld, 'answer')} of DNS kept back addresses that are not ready, and ${published} told those that are or are published`,
  }
}

function mentions(text: string, service: string): boolean {
  const at = text.indexOf(service)
  return at >= 0 && /[:/" ]/.test(text[at + service.length] ?? '')
}

function endpointsOf(recording: Recording, service: string): { at: number; address: string; ready: boolean }[] {
  const [namespace = '', name = ''] = service.split('/')
  return objects(recording, 'endpointslices')
    .in(namespace)
    .flatMap(({ versions }) => versions)
    .filter(({ object }) => object.metadata.labels[label] === name)
    .flatMap(({ at, object }) =>
      object.endpoints.flatMap(({ addresses, conditions }) =>
        addresses.map((address) => ({ at, address, ready: conditions.ready !== false })),
      ),
    )
}
