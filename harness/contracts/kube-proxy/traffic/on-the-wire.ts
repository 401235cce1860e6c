import type { Finding } from '../../../judge/contract.ts'
import type { Interval } from '../../../judge/faults/fault-windows.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { firstBreach } from '../../../judge/verdict/gravest.ts'
import { hostDelay, hostFigures } from '../../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../../judge/verdict/inconclusive.ts'
import { strayAnswers } from '../../../judge/kube-proxy/answers.ts'
import { reportedAddresses } from '../../../judge/kube-proxy/answer-names.ts'
import { portHistory } from '../../../judge/kube-proxy/port-history.ts'
import type { Probed } from '../../../judge/kube-proxy/probed.ts'
import { silences } from '../../../judge/kube-proxy/silences.ts'
import type { ProxyMachine } from '../../../judge/kube-proxy/service-port.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { counted, duration } from '../../../judge/verdict/format.ts'
import type { RecordOf } from '../../../record/records.ts'
import { rulesFollow } from '../../bounds.ts'
import { packetsDisturbed } from '../disturbances.ts'
import { outsideProbes } from './outside.ts'
import { wrongPacket } from './packet-results.ts'
import { machineOf, packetsSent, proxyFacts } from '../proxy-facts.ts'

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
  STRAY_ANSWER: ({ from, to, service, protocol, backend }: Stray) =>
    `${backend} answered a ${protocol} connection from ${from} to ${to} (${service}), although no Service sends it there.`,
  SERVICE_SILENT: ({ from, service, protocol, failed, forMs }: Silent) =>
    `None of ${counted(failed, `${protocol} connection`)} from ${from} to ${service} was answered in ${duration(forMs)}, although the same endpoints were ready all the time.`,
})

interface Met {
  readonly packets: number
  readonly probes: number
}

/** How many packets and answered probes can be compared with what Services require. */
export function metOnTheWire(recording: Recording): Met {
  const packets = packetsSent(recording).length
  return { packets, probes: inside(recording).judged + answeredOutside(recording).length }
}

/**
 * Correct rules may still have another effect: a finding where packets met something else than Services require.
 * @throws InconclusiveError HOST_NOISE where only a measured delay of the host explains an answer
 */
export function wrongOnTheWire(recording: Recording): Finding | undefined {
  return firstBreach(
    () => wrongPacket(packetsSent(recording)),
    () => strayInside(recording),
    () => silence(recording),
    () => strayOutside(recording),
  )
}

const toServices = (recording: Recording): RecordOf<'attempt'>[] =>
  recording.of('attempt').filter(({ target }) => target !== 'api-server')

function inside(recording: Recording, attempts = toServices(recording), laterMs = 0): ReturnType<typeof strayAnswers> {
  const followMs = rulesFollow(recording).limit + laterMs
  return strayAnswers(
    attempts,
    portHistory(recording),
    sendingMachine(recording),
    followMs,
    reportedAddresses(recording),
  )
}

function strayInside(recording: Recording): Finding | undefined {
  const { limit } = rulesFollow(recording)
  const all = inside(recording).stray
  // The host may have reported a change of a Service later, or written its rules.
  const sure = all.filter((one) => inside(recording, [one], hostDelay(recording, around(one, limit))).stray.length > 0)
  if (sure[0]) return stray(sure[0], sure.length)
  if (all[0]) throw mayBeNoise(recording, all[0], limit)
  return undefined
}

function answeredOutside(recording: Recording): Probed[] {
  return outsideProbes(recording).filter(({ attempt }) => attempt.ok)
}

function strayOutside(recording: Recording): Finding | undefined {
  const astray = answeredOutside(recording).filter(
    ({ attempt, endpoints }) => !endpoints.some(({ pod }) => pod === '' || pod === attempt.backend),
  )
  return astray[0] && stray(astray[0].attempt, astray.length)
}

const around = ({ at, endedAt }: RecordOf<'attempt'>, limit: number): Interval => ({
  from: at - limit,
  until: endedAt + limit,
})

function mayBeNoise(recording: Recording, attempt: RecordOf<'attempt'>, limit: number): InconclusiveError {
  const { from, service, backend = '' } = attempt
  return new InconclusiveError(
    `${backend} answered ${from} for ${service} at a time that only a delay of the host explains.`,
    'HOST_NOISE',
    { finding: 'STRAY_ANSWER', from, service, backend, ...hostFigures(recording, around(attempt, limit)) },
  )
}

/** The machine that forwards an attempt; undefined where its rules can't be judged at that time. */
function sendingMachine(recording: Recording): (attempt: RecordOf<'attempt'>) => ProxyMachine | undefined {
  const { machineNamed, excused } = proxyFacts(recording)
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

function silence(recording: Recording): Finding | undefined {
  const { limit } = rulesFollow(recording)
  const isDisturbed = ({ at, endedAt }: RecordOf<'attempt'>, places: readonly string[]): boolean =>
    packetsDisturbed(recording, { from: at, until: endedAt }, places)
  const sending = sendingMachine(recording)
  const [silent] = silences(toServices(recording), portHistory(recording), sending, isDisturbed, limit)
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
