import type { Finding } from '../../../judge/contract.ts'
import type { Reached, WrongPacket } from '../../../judge/kube-proxy/reached.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { listed } from '../../../judge/verdict/format.ts'
import { rulesFollow } from '../../bounds.ts'

type Values = WrongPacket['values']

const packet = ({ from, to, service }: Values): string => `A packet from ${from} to ${to} (${service})`

const found = findings({
  NOT_REFUSED: (values: Values) => `${packet(values)} was ${values.outcome} instead of refused.`,
  NOT_DROPPED: (values: Values) => `${packet(values)} was ${values.outcome} instead of dropped.`,
  NOT_ANSWERED: (values: Values) => `${packet(values)} was ${values.outcome}; ${listed(values.due)} had to answer.`,
  ANSWERED_ELSEWHERE: (values: Values) =>
    `${packet(values)} was answered by ${values.backend}; only ${listed(values.due)} may answer.`,
  SENDER_CHANGED: (values: Values) =>
    `${packet(values)} reached its endpoint with the sender's address ${values.client} instead of ${values.sender}.`,
})

/** The finding for the first test packet whose result its Service does not allow. */
export function wrongPacket(packets: readonly Reached[]): Finding | undefined {
  const sent = packets.find(({ wrong }) => wrong !== undefined)
  if (!sent?.wrong) return undefined
  return found.fail(sent.wrong.code, sent.wrong.values, {
    observed: 'a packet went wrong',
    moments: [{ at: sent.record.at, label: 'a packet went wrong' }],
    evidence: [sent.record],
  })
}

/** The largest age of the rules that packets met. */
export function oldestRules(
  recording: Recording,
  packets: readonly Reached[],
): { readonly measured: number; readonly bound: Bound } {
  return { measured: Math.max(0, ...packets.map(({ oldMs }) => oldMs)), bound: rulesFollow(recording) }
}

export const isExternalLocal = ({ record, port }: Reached): boolean =>
  record.through !== '' && record.through !== record.from && port.externalLocal
export const isInternalLocal = ({ record, port }: Reached): boolean => record.through === '' && port.internalLocal
