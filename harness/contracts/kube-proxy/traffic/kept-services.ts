import type { Finding } from '../../../judge/contract.ts'
import { type FaultWindow, type Interval, during } from '../../../judge/faults/fault-windows.ts'
import { hostFigures, noisyTimes } from '../../../judge/coverage/host-noise.ts'
import { portHistory, statesDuring } from '../../../judge/kube-proxy/port-history.ts'
import { stoodUnanswered } from '../../../judge/kube-proxy/silences.ts'
import type { ServicePort } from '../../../judge/kube-proxy/service-port.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { RecordOf } from '../../../record/records.ts'
import { InconclusiveError } from '../../../judge/verdict/inconclusive.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { byProbe } from '../../../judge/coverage/probe-gaps.ts'
import { packetsDisturbed } from '../disturbances.ts'

/**
 * A machine's attempts in a time to Services that did not change since `since`, unless a fault other than `except` may
 * have lost them. Attempts by name or to an API server are left out: they depend on more than rules.
 */
export function attemptsToKept(
  recording: Recording,
  machine: string,
  since: Interval,
  time: Interval,
  except: FaultWindow,
): RecordOf<'attempt'>[] {
  const kept = keptServices(recording, since)
  return recording.of('attempt').filter((attempt) => {
    const { from, at, endedAt, service, target = 'cluster-ip', errorClass } = attempt
    const ports = kept.get(service)
    if (from !== machine || !ports || !during(time, at) || !during(time, endedAt)) return false
    if (target === 'dns-name' || target === 'api-server' || errorClass === 'rig' || errorClass === 'blocked')
      return false
    const places = ports.flatMap(({ endpoints }) => endpoints.map(({ node }) => node))
    return attempt.ok || !packetsDisturbed(recording, { from: at, until: endedAt }, [machine, ...places], except)
  })
}

export interface Cut {
  readonly machine: string
  readonly service: string
  readonly protocol: string
  readonly error: string
  readonly failed: number
}

/** The failed attempts of a machine that rules may have caused, for a finding; undefined without any. @throws InconclusiveError */
export function cutByRules(
  recording: Recording,
  machine: string,
  attempts: readonly RecordOf<'attempt'>[],
): { readonly values: Cut; readonly details: Pick<Finding, 'evidence' | 'observed'> } | undefined {
  const failed = failedByRules(recording, attempts)
  const [first] = failed
  if (!first) return undefined
  const { service, protocol, error = '' } = first
  return {
    values: { machine, service, protocol, error, failed: failed.length },
    details: { observed: counted(failed.length, 'failure'), evidence: failed },
  }
}

/**
 * The failed attempts that rules may have caused. A busy endpoint may cause an attempt that was sent and not answered
 * in time. Rules are the cause where no attempt of its probe was answered, or no TCP connection was established.
 * @throws InconclusiveError UNANSWERED where only such failures are left; HOST_NOISE where the host was busy at each of
 * them
 */
function failedByRules(recording: Recording, attempts: readonly RecordOf<'attempt'>[]): readonly RecordOf<'attempt'>[] {
  const failed = attempts.filter(({ ok }) => !ok)
  const silent = [...byProbe(attempts).values()].filter(
    (own) => own.every(({ ok }) => !ok) && !own.some(stoodUnanswered),
  )
  const certain = failed.filter((one) => one.errorClass !== 'no-answer' || silent.some((own) => own.includes(one)))
  if (certain.length > 0 || failed.length === 0) return certain
  const message = `${failed.length} of ${counted(attempts.length, 'connection')} got no answer in time, which busy endpoints may cause.`
  const isNoise = failed.every(({ at }) => noisyTimes(recording).some((time) => during(time, at)))
  const time = {
    from: Math.min(...failed.map(({ at }) => at)),
    until: Math.max(...failed.map(({ endedAt }) => endedAt)),
  }
  throw new InconclusiveError(message, isNoise ? 'HOST_NOISE' : 'UNANSWERED', hostFigures(recording, time))
}

/** The Services with pods that did not change in the time, and their ports. */
function keptServices(recording: Recording, { from, until }: Interval): Map<string, readonly ServicePort[]> {
  const states = statesDuring(portHistory(recording), from, until)
  const requested = new Map<string, { readonly ports: readonly ServicePort[]; readonly configurations: Set<string> }>()
  for (const { ports } of states) {
    for (const [service, own] of Map.groupBy(ports, (port) => port.service)) {
      const known = requested.get(service) ?? { ports: own, configurations: new Set() }
      known.configurations.add(JSON.stringify(own))
      requested.set(service, known)
    }
  }
  const always = (service: string): boolean =>
    states.every(({ ports }) => ports.some((port) => port.service === service))
  const isReady = (ports: readonly ServicePort[]): boolean =>
    ports.every(({ endpoints }) => endpoints.some(({ ready }) => ready) && endpoints.every(({ pod }) => pod !== ''))
  return new Map(
    [...requested]
      .filter(([service, { ports, configurations }]) => configurations.size === 1 && always(service) && isReady(ports))
      .map(([service, { ports }]) => [service, ports]),
  )
}
