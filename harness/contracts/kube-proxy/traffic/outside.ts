import type { Finding } from '../../../judge/contract.ts'
import { during } from '../../../judge/faults/fault-windows.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { firstBreach } from '../../../judge/verdict/gravest.ts'
import { hostFigures, noisyTimes } from '../../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../../judge/verdict/inconclusive.ts'
import { type Probed, probedFromOutside } from '../../../judge/kube-proxy/probed.ts'
import { portHistory } from '../../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { counted, listed } from '../../../judge/verdict/format.ts'
import { rulesFollow } from '../../bounds.ts'
import { packetsDisturbed } from '../disturbances.ts'
import { proxyFacts } from '../proxy-facts.ts'

/** Fewer probes might miss rules that are wrong for one in a few packets. */
const leastAttempts = 30

/**
 * An endpoint without CPU time answers nothing for a while, which no rule causes: this share of established connections
 * and of datagrams may stay without an answer. The kernel establishes connections, so a connection that was not
 * established was not let through.
 */
const mostUnanswered = 0.01

interface Probe {
  readonly protocol: string
  readonly to: string
  readonly machine: string
  readonly error: string
  readonly backend: string
  readonly due: readonly string[]
}

interface Unanswered {
  readonly protocol: string
  readonly to: string
  readonly machine: string
  readonly probes: number
}

const probe = ({ protocol, to, machine }: Probe): string => `A ${protocol} probe from outside to ${to} on ${machine}`

const found = findings({
  PROBE_NOT_REFUSED: (values: Probe) => `${probe(values)} was answered by ${values.backend} instead of refused.`,
  PROBE_NOT_DROPPED: (values: Probe) =>
    `${probe(values)} was ${values.backend === '' ? 'refused' : `answered by ${values.backend}`} instead of dropped.`,
  PROBE_ANSWERED_ELSEWHERE: (values: Probe) =>
    `${probe(values)} was answered by ${values.backend}; only ${listed(values.due)} may answer.`,
  PROBE_NOT_LET_THROUGH: (values: Probe) =>
    `${probe(values)} was not let through (${values.error}); ${listed(values.due)} had to answer.`,
  PROBES_UNANSWERED: ({ probes, protocol, to, machine }: Unanswered) =>
    `None of ${counted(probes, 'probe')} from outside over ${protocol} to ${to} on ${machine}, which has an endpoint, was answered.`,
})

/**
 * External probes whose Node could do what its Services required at that time. Probes without an answer count only
 * where no fault may have lost them.
 */
export function outsideProbes(recording: Recording): Probed[] {
  const attempts = recording.of('attempt').filter(({ from }) => from === 'outside')
  if (attempts.length === 0) return []
  const { machines, excused } = proxyFacts(recording)
  const { limit } = rulesFollow(recording)
  return probedFromOutside(attempts, portHistory(recording), machines, limit).filter(
    ({ machine, attempt, endpoints }) =>
      !excused(machine, attempt.at) &&
      (attempt.ok ||
        !packetsDisturbed(recording, { from: attempt.at, until: attempt.endedAt }, [
          machine,
          ...endpoints.map(({ node }) => node),
        ])),
  )
}

/**
 * A finding where one external probe got another result than external traffic policy Local requires.
 * @throws InconclusiveError PROBES_LOST where some were not answered, which busy endpoints may cause; HOST_NOISE where
 * the host was busy
 */
export function localFromOutside(recording: Recording, probes: readonly Probed[]): Finding | undefined {
  for (const one of probes) {
    const wrong = wrongWith(one)
    if (wrong) return wrong
  }
  const local = probes.filter(({ endpoints }) => endpoints.length > 0)
  const groups = Map.groupBy(local, ({ attempt }) => `${attempt.to} ${attempt.protocol}`)
  return firstBreach(...[...groups.values()].map((own) => () => unanswered(recording, own)))
}

function unanswered(recording: Recording, own: readonly Probed[]): Finding | undefined {
  const lost = own.filter(({ attempt }) => !attempt.ok)
  const [first] = lost
  if (!first || lost.length <= own.length * mostUnanswered) return undefined
  const { protocol, to, at } = first.attempt
  if (lost.length < own.length || own.length < leastAttempts) {
    const message = `${lost.length} of ${counted(own.length, 'probe')} from outside over ${protocol} to ${to} got no answer.`
    const noisy = noisyTimes(recording)
    const quiet = lost.filter(({ attempt }) => !noisy.some((time) => during(time, attempt.at)))
    const isNoise = quiet.length <= own.length * mostUnanswered
    const time = { from: at, until: Math.max(...lost.map(({ attempt }) => attempt.endedAt)) }
    throw new InconclusiveError(message, isNoise ? 'HOST_NOISE' : 'PROBES_LOST', hostFigures(recording, time))
  }
  return found.fail(
    'PROBES_UNANSWERED',
    { probes: own.length, protocol, to, machine: first.machine },
    {
      observed: 'no answers',
      moments: [{ at, label: `no answer on ${first.machine}` }],
      evidence: lost.map(({ attempt }) => attempt),
    },
  )
}

function wrongWith({ attempt, machine, endpoints, refusal }: Probed): Finding | undefined {
  const { ok, backend = '', errorClass, protocol, to, at, error = '' } = attempt
  const due = endpoints.map(({ pod }) => pod)
  const broken = (code: Parameters<typeof found.fail>[0] & `PROBE_${string}`): Finding =>
    found.fail(
      code,
      { protocol, to, machine, error, backend, due },
      {
        observed: 'a probe went wrong',
        moments: [{ at, label: `a probe of ${machine}` }],
        evidence: [attempt],
      },
    )
  if (refusal === 'reject') return ok ? broken('PROBE_NOT_REFUSED') : undefined
  if (refusal === 'drop') return ok || errorClass === 'refused' ? broken('PROBE_NOT_DROPPED') : undefined
  if (ok) return due.every((pod) => pod !== '' && pod !== backend) ? broken('PROBE_ANSWERED_ELSEWHERE') : undefined
  const kept = protocol === 'tcp' && (errorClass === 'no-connection' || errorClass === 'refused')
  return kept ? broken('PROBE_NOT_LET_THROUGH') : undefined
}
