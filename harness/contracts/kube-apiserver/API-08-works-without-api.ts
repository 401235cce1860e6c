import { storeOf } from '../../judge/cluster/acknowledged-writes.ts'
import { attemptsAsTries } from '../../judge/availability/tries.ts'
import { censusAround } from '../../judge/cluster/container-census.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { certain, during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { hostFigures, mayBeHost, noisyTimes } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import { requireProbed } from '../../judge/coverage/probe-coverage.ts'
import { probeGaps } from '../../judge/coverage/probe-gaps.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines } from '../../judge/recording/cluster-facts.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { requireWrites } from '../../judge/coverage/write-coverage.ts'
import type { RecordOf } from '../../record/records.ts'
import { type Outage, apiOutages, quorumOutages } from '../etcd/outage.ts'
import { isDataPathWhole } from './data-path.ts'
import { type Probe, probesIn, probedServices } from './probed-services.ts'

interface Silence {
  readonly service: string
  readonly probe: string
  readonly failed: number
  readonly attempts: number
  readonly longestMs: number
  readonly longestAtLeastMs: number
}

interface RanOn {
  readonly outageMs: number
  /** API writes without a store; 0 where the recording holds no ledger. */
  readonly tried: number
  readonly containers: number
  readonly machines: number
  readonly services: number
  readonly attempts: number
}

const found = findings({
  API_WRITE_CONFIRMED: ({ writes }: { readonly writes: readonly string[] }) =>
    `${listed(writes)} although the API could store nothing.`,
  CONTAINERS_ENDED: ({ containers }: { readonly containers: readonly string[] }) =>
    `While the API could store nothing, ${listed(containers)} stopped running.`,
  SERVICE_SILENT: ({ service, probe, failed, attempts, longestMs, longestAtLeastMs }: Silence) =>
    `While the API could store nothing, ${service} did not answer ${failed} of ${counted(attempts, 'probe')} of ${probe} (longest gap ${duration(longestMs)}, at least ${duration(longestAtLeastMs)}).`,
  RAN_ON: ({ outageMs, tried, containers, machines, services, attempts }: RanOn) =>
    `In ${duration(outageMs)} ${tried === 0 ? 'no API write was recorded' : `none of ${counted(tried, 'API write')} was confirmed`}, ${counted(containers, 'container')} on ${counted(machines, 'machine')} continued, and ${counted(services, 'Service')} answered all ${counted(attempts, 'probe')}.`,
})

/** Without etcd's quorum an API server can store nothing: for its clients the API is down. */
export const worksWithoutApi = defineContract<Outage>({
  id: 'API-08',
  area: 'kube-apiserver',
  promise: 'While the API can store nothing, it confirms no change; running pods and their Services continue to work.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  stimulus: {
    needs: 'a time without etcd quorum or without an API server, and no fault of Nodes, pods or their network',
    find: (recording) =>
      [...quorumOutages(recording), ...apiOutages(recording)].filter((outage) => isDataPathWhole(recording, outage)),
  },
  judge: (recording, outages) => gravest(outages, (outage) => onOutage(recording, outage)),
})

function onOutage(recording: Recording, outage: Outage): Finding {
  const broken = firstBreach(
    () => confirmedWrites(recording, outage),
    () => endedContainers(recording, outage),
    () => silentService(recording, outage),
  )
  if (broken) return broken
  const tried = apiWrites(recording, outage)
  const { containers, machines, records } = censusAround(recording, outage)
  const services = probedServices(recording)
  const probes = services.flatMap((service) => probesIn(recording, service, outage))
  requireProbes(recording, { services, probes, outage })
  requireWrites(recording, [...new Set(tried.map(({ via }) => via))], certain(outage))
  const attempts = probes.reduce((sum, { during: own }) => sum + own.length, 0)
  const outageMs = outage.until - outage.from
  return found.pass(
    'RAN_ON',
    { outageMs, tried: tried.length, containers, machines, services: services.length, attempts },
    { observed: `${counted(attempts, 'probe')}, all answered`, fault: outage.fault, evidence: records },
  )
}

function confirmedWrites(recording: Recording, outage: Outage): Finding | undefined {
  const { fault } = outage
  const acked = apiWrites(recording, outage).filter(
    ({ outcome, endedAt }) => outcome === 'acked' && endedAt < certain(outage).until,
  )
  const writes = acked.map(({ key, via }) => `${via} confirmed ${key}`)
  const observed = `${counted(acked.length, 'API write')} confirmed`
  return acked.length > 0
    ? found.fail('API_WRITE_CONFIRMED', { writes }, { observed, fault, evidence: acked })
    : undefined
}

function endedContainers(recording: Recording, outage: Outage): Finding | undefined {
  const { lost, records } = censusAround(recording, outage)
  const observed = `${counted(lost.length, 'container')} ended`
  return lost.length > 0
    ? found.fail('CONTAINERS_ENDED', { containers: lost }, { observed, fault: outage.fault, evidence: records })
    : undefined
}

/** @throws InconclusiveError HOST_NOISE where measured delays of the host may account for every probe that failed */
function silentService(recording: Recording, outage: Outage): Finding | undefined {
  const probes = probedServices(recording).flatMap((service) => probesIn(recording, service, outage))
  const surely = probes.map((one) => ({
    ...one,
    during: one.during.filter((attempt) => !isNoise(recording, one, attempt)),
  }))
  const silent = mostSilent(surely)
  if (silent) return silence(silent, outage.fault)
  const noise = mostSilent(probes)
  if (!noise) return undefined
  const { failed, attempts, longestMs } = probeGaps(noise.during)
  const { service, probe } = noise
  throw new InconclusiveError(
    `${service} did not answer ${failed} of ${counted(attempts, 'probe')} of ${probe} while the host was busy.`,
    'HOST_NOISE',
    { finding: 'SERVICE_SILENT', service, probe, failed, attempts, longestMs, ...hostFigures(recording, outage) },
  )
}

/** Whether a process that waited for a processor explains a failed attempt, and its probe's whole outage. */
function isNoise(recording: Recording, { during: own }: Probe, attempt: RecordOf<'attempt'>): boolean {
  const [one] = attemptsAsTries([attempt])
  if (!one || one.ok || !one.soft || !noisyTimes(recording).some((time) => during(time, one.at))) return false
  const { gaps } = probeGaps(own)
  const gap = gaps.find(({ from, until }) => from <= one.at && one.at <= until)
  return gap !== undefined && mayBeHost(recording, gap, gap.atLeastMs)
}

/** @throws InconclusiveError where the ledger's clients did not write through an API server */
function apiWrites(recording: Recording, outage: Outage) {
  const writes = recording.of('write').filter((write) => storeOf(write) === 'apiserver')
  if (writes.length === 0) return []
  return requireNonEmpty(
    writes.filter(({ at }) => during(certain(outage), at)),
    'No write through an API server was recorded while the API could store nothing.',
    'NOT_WRITTEN',
  )
}

/** The probe with the longest gap among the probes that were answered before. */
function mostSilent(probes: readonly Probe[]): Probe | undefined {
  return probes
    .filter((one) => one.answeredBefore && isSilent(one))
    .toSorted((a, b) => probeGaps(b.during).longestMs - probeGaps(a.during).longestMs)[0]
}

function isSilent({ during: own }: Probe): boolean {
  return own.some(({ ok }) => !ok)
}

function silence({ service, probe, during: own }: Probe, fault: string): Finding {
  const { failed, attempts, longestMs, longestAtLeastMs } = probeGaps(own)
  return found.fail(
    'SERVICE_SILENT',
    { service, probe, failed, attempts, longestMs, longestAtLeastMs },
    { observed: `${failed} of ${counted(attempts, 'probe')} failed`, fault, evidence: own.filter(({ ok }) => !ok) },
  )
}

/** Requires that every Node probed every Service over each of its protocols. @throws InconclusiveError */
function requireProbes(
  recording: Recording,
  { services, probes, outage }: { services: readonly string[]; probes: readonly Probe[]; outage: Outage },
): void {
  const fresh = probes.find((one) => one.answeredBefore === undefined && isSilent(one))
  if (fresh)
    throw new InconclusiveError(
      `The probe ${fresh.probe} of ${fresh.service} began while the API could store nothing.`,
      'NOT_PROBED',
    )
  for (const service of services) {
    const own = probes.filter((one) => one.service === service)
    const protocols = [
      ...new Set(recording.of('attempt').flatMap((one) => (one.service === service ? [one.protocol] : []))),
    ]
    for (const from of nodeMachines(recording)) {
      const missing = protocols.find((protocol) => !own.some((one) => one.from === from && one.protocol === protocol))
      if (missing === undefined) continue
      throw new InconclusiveError(
        `No ${missing} probe of ${service} from ${from} was recorded while the API could store nothing.`,
        'NOT_PROBED',
      )
    }
  }
  requireProbed(recording, outage)
}
