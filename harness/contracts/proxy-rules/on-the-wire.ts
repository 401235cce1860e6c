import type { Finding } from '../../judge/contract.ts'
import { findings } from '../../judge/finding.ts'
import { strayAnswers } from '../../judge/proxy-rules/answers.ts'
import { reportedAddresses } from '../../judge/proxy-rules/answer-names.ts'
import { portHistory } from '../../judge/proxy-rules/port-history.ts'
import { silences } from '../../judge/proxy-rules/silences.ts'
import type { ProxyMachine } from '../../judge/proxy-rules/service-port.ts'
import type { Recording } from '../../judge/recording.ts'
import { counted, duration } from '../../judge/words.ts'
import type { RecordOf } from '../../record/records.ts'
import { rulesFollow } from '../bounds.ts'
import { packetsDisturbed } from './disturbances.ts'
import { outsideProbes } from './outside.ts'
import { packetDetails, packetSentences } from './packet-sentences.ts'
import { machineOf, packetsSent, proxyScene } from './scene.ts'

interface Stray {
  readonly from: string
  readonly to: string
  readonly service: string
  readonly protocol: string
  readonly backend: string
  readonly answers: number
}

interface Silent {
  readonly from: string
  readonly service: string
  readonly protocol: string
  readonly failed: number
  readonly forMs: number
}

const found = findings({
  ...packetSentences,
  STRAY_ANSWER: ({ from, to, service, protocol, backend }: Stray) =>
    `${backend} answered a ${protocol} connection from ${from} to ${to} (${service}), although no Service sends it there.`,
  SERVICE_SILENT: ({ from, service, protocol, failed, forMs }: Silent) =>
    `None of ${counted(failed, `${protocol} connection`)} from ${from} to ${service} was answered in ${duration(forMs)}, although the same endpoints were ready all the time.`,
})

/**
 * Correct rules may still have another effect: returns a finding where packets got another result than Services
 * require, else what was judged.
 */
export function onTheWire(recording: Recording): Finding | { readonly packets: number; readonly probes: number } {
  const single = packetsSent(recording)
  const wrong = single.find((sent) => sent.wrong !== undefined)
  if (wrong?.wrong) return found.fail(wrong.wrong.code, wrong.wrong.values, packetDetails(wrong))
  const attempts = recording.of('attempt').filter(({ target }) => target !== 'api-server')
  const { limit } = rulesFollow(recording)
  const sending = sendingMachine(recording)
  const inside = strayAnswers(attempts, portHistory(recording), sending, limit, reportedAddresses(recording))
  if (inside.stray[0]) return stray(inside.stray[0], inside.stray.length)
  const silent = silence(recording, attempts, sending)
  if (silent) return silent
  const outside = outsideProbes(recording).filter(({ attempt }) => attempt.ok)
  const astray = outside.filter(
    ({ attempt, endpoints }) => !endpoints.some(({ pod }) => pod === '' || pod === attempt.backend),
  )
  if (astray[0]) return stray(astray[0].attempt, astray.length)
  return { packets: single.length, probes: inside.judged + outside.length }
}

/** The machine that forwards an attempt; undefined where its rules can't be judged at that time. */
function sendingMachine(recording: Recording): (attempt: RecordOf<'attempt'>) => ProxyMachine | undefined {
  const { machineNamed, excused } = proxyScene(recording)
  return ({ from, at }) => {
    const name = machineOf(recording, from, at)
    return name === undefined || excused(name, at) ? undefined : machineNamed(name)
  }
}

function stray(attempt: RecordOf<'attempt'>, answers: number): Finding {
  const { from, to, service, protocol, backend = '', at } = attempt
  return found.fail(
    'STRAY_ANSWER',
    { from, to, service, protocol, backend, answers },
    {
      observed: counted(answers, 'stray answer'),
      moments: [{ at, label: 'a stray answer' }],
      evidence: [attempt],
    },
  )
}

function silence(
  recording: Recording,
  attempts: readonly RecordOf<'attempt'>[],
  sending: (attempt: RecordOf<'attempt'>) => ProxyMachine | undefined,
): Finding | undefined {
  const { limit } = rulesFollow(recording)
  const isDisturbed = ({ at, endedAt }: RecordOf<'attempt'>, places: readonly string[]): boolean =>
    packetsDisturbed(recording, { from: at, until: endedAt }, places)
  const [silent] = silences(attempts, portHistory(recording), sending, isDisturbed, limit)
  if (!silent) return undefined
  const { client, service, protocol, from, until, failed } = silent
  return found.fail(
    'SERVICE_SILENT',
    { from: client, service, protocol, failed, forMs: until - from },
    {
      observed: 'packets without an answer',
      moments: [{ at: from, label: `${client} was not answered` }],
      evidence: silent.attempts,
    },
  )
}
