import type { Finding } from '../../../judge/contract.ts'
import type { Reached, WrongPacket } from '../../../judge/proxy-rules/reached.ts'
import { listed } from '../../../judge/verdict/words.ts'

type Values = WrongPacket['values']

const packet = ({ from, to, service }: Values): string => `A packet from ${from} to ${to} (${service})`

/** Results of a test packet that its Service does not allow; several contracts judge packets. */
export const packetSentences = {
  NOT_REFUSED: (values: Values) => `${packet(values)} was ${values.outcome} instead of refused.`,
  NOT_DROPPED: (values: Values) => `${packet(values)} was ${values.outcome} instead of dropped.`,
  NOT_ANSWERED: (values: Values) => `${packet(values)} was ${values.outcome}; ${listed(values.due)} had to answer.`,
  ANSWERED_ELSEWHERE: (values: Values) =>
    `${packet(values)} was answered by ${values.backend}; only ${listed(values.due)} may answer.`,
  SENDER_CHANGED: (values: Values) =>
    `${packet(values)} reached its endpoint with the sender's address ${values.client} instead of ${values.sender}.`,
} as const

export function packetDetails({ record }: Reached): Pick<Finding, 'observed' | 'moments' | 'evidence'> {
  return {
    observed: 'a packet went wrong',
    moments: [{ at: record.at, label: 'a packet went wrong' }],
    evidence: [record],
  }
}
