import { defineContract, type Finding } from '../../judge/contract.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import { overlaps } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { RecordOf } from '../../record/records.ts'
import { noException } from '../bounds.ts'
import { type NameState, nameStates, staleSince } from './name-states.ts'

/** An answer of the cluster's DNS, with the addresses that the name had since the oldest state that may be returned. */
interface Query {
  readonly record: RecordOf<'name'>
  readonly states: readonly NameState[]
}

interface Wrong {
  readonly machine: string
  readonly name: string
  readonly addresses: readonly string[]
  readonly expected: readonly string[]
}

const list = (addresses: readonly string[]): string => addresses.join(', ') || 'no address'

const found = findings({
  NOT_ANSWERED: ({ machine, name }: { readonly machine: string; readonly name: string }) =>
    `DNS did not answer ${machine}'s query for ${name}, outside of every fault.`,
  WRONG_CLUSTER_IP: ({ machine, name, addresses, expected }: Wrong) =>
    `DNS returned ${list(addresses)} to ${machine} for ${name}, whose cluster IP is ${list(expected)}.`,
  WRONG_PODS: ({ machine, name, addresses, expected }: Wrong) =>
    `DNS returned ${list(addresses)} to ${machine} for ${name}, whose ready pods have ${list(expected)}.`,
  NAMES_RESOLVED: ({ clusterIps, headless }: { readonly clusterIps: number; readonly headless: number }) =>
    `DNS returned the cluster IP in ${counted(clusterIps, 'answer')}, and all ready pods of a headless Service in ${counted(headless, 'answer')}.`,
})

export const namesResolve = defineContract<Query>({
  id: 'NET-06',
  area: 'pod-network',
  promise:
    'The name of a Service resolves to its cluster IP, and the name of a headless Service to the addresses of all its ready pods.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
  stimulus: { needs: "a DNS query for a Service's name while its addresses were watched", find: queries },
  judge(recording, all) {
    const worst = gravest(all, (query) => judgeQuery(recording, query))
    if (worst.status !== 'pass') return worst
    const headless = all.filter(({ states }) => states.at(-1)?.headless).length
    const values = { clusterIps: all.length - headless, headless }
    return found.pass('NAMES_RESOLVED', values, { observed: counted(all.length, 'right answer') })
  },
})

/** Queries with the oldest possible state. Left out: those that a fault may have left without an answer. */
function queries(recording: Recording): Query[] {
  const records = recording.of('name')
  if (records.length === 0) return []
  const blind = [...blindTimes(recording, 'services'), ...blindTimes(recording, 'endpointslices')]
  return records.flatMap((record) => {
    const { since, disturbed } = staleSince(recording, record)
    const isUnknown = blind.some((time) => overlaps(time, { from: since, until: record.endedAt }))
    if (isUnknown || (!record.answered && disturbed)) return []
    const states = nameStates(recording, record.service, since, record.endedAt)
    return states.length > 0 ? [{ record, states }] : []
  })
}

/** @throws InconclusiveError HOST_NOISE */
function judgeQuery(recording: Recording, { record, states }: Query): Finding {
  const { at, endedAt, machine, name, addresses, answered } = record
  const details = { observed: 'a wrong answer', measured: 1, bound: noException, evidence: [record] }
  const moments = [{ at, label: `a query for ${name} on ${machine}` }]
  if (!answered) {
    if (noisyTimes(recording).some((time) => overlaps(time, { from: at, until: endedAt })))
      throw new InconclusiveError(`DNS did not answer a query for ${name} while the host was busy.`, 'HOST_NOISE')
    return found.fail('NOT_ANSWERED', { machine, name }, { ...details, moments })
  }
  const key = addresses.toSorted().join()
  if (states.some((state) => state.addresses.join() === key))
    return found.pass('NAMES_RESOLVED', { clusterIps: 0, headless: 0 }, { observed: 'the right answer' })
  const last = states.at(-1)
  const values = { machine, name, addresses, expected: last?.addresses ?? [] }
  return found.fail(last?.headless ? 'WRONG_PODS' : 'WRONG_CLUSTER_IP', values, { ...details, moments })
}
