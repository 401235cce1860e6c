import type { Finding } from '../../../judge/contract.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { objects } from '../../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { RecordOf } from '../../../record/records.ts'
import { duration } from '../../../judge/verdict/format.ts'
import { rulesFollow } from '../../bounds.ts'
import { proxyFacts } from '../proxy-facts.ts'

const label = 'kubernetes.io/service-name'
/** How long CoreDNS may return an old answer: the cache time of its default Corefile. */
const cacheMs = 30_000

/** An answer of the cluster's DNS for a headless Service. */
export interface NameAnswer {
  readonly record: RecordOf<'name'>
  /** The endpoints that had been listed by then. */
  readonly listed: readonly Listed[]
}

interface Listed {
  readonly address: string
  readonly ready: boolean
  readonly from: number
  readonly until: number
}

const found = findings({
  NAME_NOT_READY: ({ machine, service, address }: { machine: string; service: string; address: string }) =>
    `DNS on ${machine} returned ${address} for ${service}, which had not been a ready endpoint of it for ${duration(cacheMs)}, the cache time of an answer.`,
  HEADLESS_RULES: ({ machine, service }: { machine: string; service: string }) =>
    `${machine} has rules for the headless Service ${service}.`,
})

/** Every answer for a headless Service whose endpoints were watched at that time. */
export function headlessAnswers(recording: Recording): NameAnswer[] {
  const answers = recording.of('name').filter(({ answered }) => answered)
  if (answers.length === 0) return []
  const { isKnown } = proxyFacts(recording)
  const { limit } = rulesFollow(recording)
  return answers.flatMap((record) => {
    const { at, endedAt, service } = record
    if (!isKnown({ from: at, until: endedAt }) || !isHeadless(recording, service, at, at)) return []
    return [{ record, listed: listedFor(recording, service).filter(({ from }) => from <= endedAt + limit) }]
  })
}

/** Whether DNS withheld endpoints that were listed and not ready. */
export const isWithheld = ({ record, listed }: NameAnswer): boolean =>
  record.addresses.length === 0 && listed.some(({ ready, from }) => !ready && from < record.at)

export function wrongName(recording: Recording, answers: readonly NameAnswer[]): Finding | undefined {
  const { limit } = rulesFollow(recording)
  for (const { record, listed } of answers) {
    const { at, machine, service } = record
    const wasReady = (address: string): boolean =>
      listed.some((one) => one.address === address && one.ready && one.until > at - cacheMs - limit)
    const address = record.addresses.find((one) => !wasReady(one))
    if (address === undefined) continue
    return found.fail(
      'NAME_NOT_READY',
      { machine, service, address },
      { observed: 'a wrong name', moments: [{ at, label: `a wrong name on ${machine}` }], evidence: [record] },
    )
  }
  return headlessRules(recording)
}

function headlessRules(recording: Recording): Finding | undefined {
  const { excused } = proxyFacts(recording)
  const { limit } = rulesFollow(recording)
  for (const record of recording.of('rules')) {
    const { at, machine, text = '' } = record
    if (excused(machine, at)) continue
    const service = headlessServices(recording).find(
      (name) => isHeadless(recording, name, at - limit, at) && mentions(text, name),
    )
    if (service === undefined) continue
    return found.fail('HEADLESS_RULES', { machine, service }, { observed: 'wrong rules', evidence: [record] })
  }
  return undefined
}

function headlessServices(recording: Recording): string[] {
  const headless = objects(recording, 'services').lives.filter(({ versions }) =>
    versions.some(({ object }) => object.spec.clusterIP === 'None'),
  )
  return [...new Set(headless.map(({ namespace, name }) => `${namespace}/${name}`))]
}

/** A former Service of the same name may have had an address. */
function isHeadless(recording: Recording, service: string, ...times: readonly number[]): boolean {
  const [namespace = '', name = ''] = service.split('/')
  const lives = objects(recording, 'services').named(namespace, name)
  return times.every((time) => lives.some((life) => life.at(time)?.spec.clusterIP === 'None'))
}

function mentions(text: string, service: string): boolean {
  return text
    .split(service)
    .slice(1)
    .some((rest) => /^[:/" ]/.test(rest))
}

function listedFor(recording: Recording, service: string): Listed[] {
  const [namespace = '', name = ''] = service.split('/')
  return objects(recording, 'endpointslices')
    .in(namespace)
    .flatMap(({ versions }) =>
      versions.flatMap(({ at, deleted, object }, n) => {
        if (deleted || object.metadata.labels[label] !== name) return []
        const until = versions[n + 1]?.at ?? Infinity
        return object.endpoints.flatMap(({ addresses, conditions }) =>
          addresses.map((address) => ({ address, ready: conditions.ready !== false, from: at, until })),
        )
      }),
    )
}
