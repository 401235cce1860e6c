import { type Finding, defineContract } from '../../judge/contract.ts'
import { during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { type Sampled, type Unclear, sampledEndpoints } from '../../judge/kube-proxy/sampled-endpoints.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines } from '../../judge/recording/cluster-facts.ts'
import { holm, leastExpected, uniformity } from '../../judge/statistics/uniformity.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { counted, listed } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { proxySync } from '../bounds.ts'
import { disturbances, packetsDisturbed } from './disturbances.ts'
import { machineOf, reference } from './proxy-facts.ts'

type Sample = RecordOf<'sample'>

/** At most one in a thousand recordings of sound clusters fails by chance, independent of the number of samples. */
const alpha: Bound = {
  limit: 0.001,
  unit: 'p-value',
  source: "alpha of the catalogue for all samples of a recording together (Holm's adjustment)",
}

/** Unanswered connections hide their endpoint: with more of them a sample proves nothing about chances. */
const mostUnanswered = 0.01

/** A sample that can be judged. */
interface Drawn {
  readonly sample: Sample
  readonly sampled: Sampled | Unclear
  /** Whether a fault may have changed the rules for it. */
  readonly disturbed: boolean
}

interface At {
  readonly from: string
  readonly service: string
  readonly protocol: string
  readonly attempts: number
}

const place = ({ from, service, protocol }: Pick<At, 'from' | 'service' | 'protocol'>): string =>
  `from ${from} to ${service} over ${protocol.toUpperCase()}`

const found = findings({
  FOREIGN_ANSWER: (values: At & { readonly pods: readonly string[]; readonly usable: readonly string[] }) =>
    `${listed(values.pods)} answered connections ${place(values)}; the Service allows only ${listed(values.usable)} there.`,
  ENDPOINT_MISSED: (values: At & { readonly pods: readonly string[] }) =>
    `None of ${values.attempts} connections ${place(values)} reached ${listed(values.pods)}.`,
  UNEVEN: (values: At & { readonly pods: readonly string[]; readonly counts: readonly string[] }) =>
    `Connections ${place(values)} were distributed unevenly among equal endpoints (${listed(values.pods)}): ${values.counts.join(', ')}.`,
  EVEN: ({ connections, places, unanswered }: { connections: number; places: number; unanswered: number }) =>
    `${connections} new connections from ${counted(places, 'place')} reached all usable endpoints, consistent with equal chances${unanswered > 0 ? ` (${unanswered} were not answered)` : ''}.`,
})

export const fairChoice = defineContract<Drawn>({
  id: 'PROXY-02',
  area: 'kube-proxy',
  promise:
    'On every Node kube-proxy distributes the new connections of a Service equally among the ready endpoints that its policies and hints allow there.',
  reference,
  stimulus: { needs: 'a sample of connections to a Service without session affinity', find: samples },
  judge(recording, drawn) {
    const doubts: Doubt[] = []
    const draws: Draw[] = []
    for (const { sample, sampled, disturbed } of drawn) {
      const result = drawOf(sample, sampled)
      // A fault may explain an uneven sample, but not an even one.
      if (disturbed && !('counts' in result && isEven(result))) continue
      if ('status' in result) return result
      if ('counts' in result) draws.push(result)
      else doubts.push(result)
    }
    if (draws.length === 0 && doubts.length === 0)
      throw new InconclusiveError('A fault may have changed the rules for every sample.', 'DISTURBED')
    const adjusted = holm(draws.map(({ counts }) => uniformity(counts).p))
    const measured = Math.min(1, ...adjusted)
    const uneven = draws.filter((_, index) => (adjusted[index] ?? 1) < alpha.limit)
    const worst = uneven.find(({ settling }) => !settling)
    const measures = {
      observed: `${counted(draws.length, 'sample')}, smallest adjusted p ${Number(measured.toPrecision(2))}`,
      measured,
      bound: alpha,
    }
    if (worst) return unevenFinding(worst, measures)
    doubts.push(...uneven.map(({ sample }) => unsettled(sample)))
    if (doubts[0])
      throw new InconclusiveError(
        `${listed(
          doubts.map(({ reason }) => reason),
          2,
        )}.`,
        doubts[0].code,
      )
    for (const own of Map.groupBy(drawn, ({ sample }) => sample.service).values()) requireCoverage(recording, own)
    const own = draws.map(({ sample }) => sample)
    const values = {
      connections: own.reduce((sum, { attempts }) => sum + attempts, 0),
      places: new Set(own.map(({ from }) => from)).size,
      unanswered: own.reduce((sum, { failed }) => sum + failed, 0),
    }
    return found.pass('EVEN', values, { ...measures, evidence: own })
  },
})

/** Every sample of a Service with a choice to make: without session affinity, and with a usable endpoint. */
function samples(recording: Recording): Drawn[] {
  return recording.of('sample').flatMap((sample) => {
    const machine = machineOf(recording, sample.from, sample.at)
    if (machine === undefined || !nodeMachines(recording).includes(machine)) return []
    const sampled = sampledEndpoints(recording, sample, machine, delays(recording, machine, sample))
    if (typeof sampled === 'object' && (sampled.sticky || sampled.endpoints.length === 0)) return []
    if (sampled === 'ENDPOINTS_WITHOUT_PODS') return []
    return [{ sample, sampled, disturbed: isDisturbed(recording, machine, sample, sampled) }]
  })
}

/** How old the rules in force may be: a kube-proxy without an API server follows no change. */
function delays(recording: Recording, machine: string, { at }: Sample): { syncMs: number; behindMs: number } {
  const syncMs = proxySync(recording).limit
  const behind = disturbances(recording, machine).filter((one) => one.behind && during(one, at))
  return { syncMs, behindMs: Math.max(syncMs, ...behind.map(({ from }) => at - from + syncMs)) }
}

/** Whether a fault may have changed the machine's rules, or lost packets on their way to the endpoints. */
function isDisturbed(recording: Recording, machine: string, sample: Sample, sampled: Sampled | Unclear): boolean {
  const { at, endedAt } = sample
  const changed = disturbances(recording, machine).filter(({ behind }) => !behind)
  if (changed.some((one) => during(one, at) || during(one, endedAt))) return true
  const nodes = typeof sampled === 'object' ? sampled.endpoints.map(({ node }) => node) : []
  return packetsDisturbed(recording, { from: at, until: endedAt }, [machine, ...nodes])
}

interface Draw {
  readonly sample: Sample
  readonly settling: boolean
  readonly pods: readonly string[]
  readonly counts: readonly number[]
}

function isEven({ counts }: Draw): boolean {
  return uniformity(counts).p >= alpha.limit
}

interface Doubt {
  readonly code: string
  readonly reason: string
}

const unclear: Readonly<Record<Unclear, (sample: Sample) => string>> = {
  NOT_WATCHED: (sample) => `no source watched Services and slices while connections ${place(sample)} were made`,
  SERVICE_UNKNOWN: ({ service }) => `no watch reported Service ${service}`,
  ENDPOINTS_CHANGED: (sample) => `the endpoints changed while connections ${place(sample)} were made`,
  ENDPOINTS_WITHOUT_PODS: ({ service }) => `no slice lists the pods of ${service}`,
  SEVERAL_PORTS: ({ service, protocol }) => `${service} has several ${protocol} ports with different endpoints`,
}

function unsettled(sample: Sample): Doubt {
  return {
    code: 'ENDPOINTS_CHANGED',
    reason: `connections ${place(sample)} were uneven, and the endpoints had just changed`,
  }
}

function drawOf(sample: Sample, sampled: Sampled | Unclear): Draw | Doubt | Finding {
  if (typeof sampled === 'string') return { code: sampled, reason: unclear[sampled](sample) }
  const pods = sampled.endpoints.map(({ pod }) => pod).toSorted()
  const wrong = wrongChoice(sample, pods)
  if (wrong) return sampled.settling ? unsettled(sample) : wrong
  const answered = sample.attempts - sample.failed
  if (sample.failed > mostUnanswered * sample.attempts) {
    const reason = `${sample.failed} of ${sample.attempts} connections ${place(sample)} were not answered`
    return { code: 'UNANSWERED', reason }
  }
  if (answered / pods.length < leastExpected) {
    const reason = `${answered} connections ${place(sample)} are too few for ${counted(pods.length, 'endpoint')}`
    return { code: 'TOO_FEW', reason }
  }
  return { sample, settling: sampled.settling, pods, counts: pods.map((pod) => sample.backends[pod] ?? 0) }
}

function wrongChoice(sample: Sample, usable: readonly string[]): Finding | undefined {
  const { from, service, protocol, attempts, failed, backends } = sample
  const values = { from, service, protocol, attempts }
  const details = { observed: `${place(sample)}: wrong endpoints`, evidence: [sample] }
  const foreign = Object.keys(backends).filter((pod) => !usable.includes(pod))
  if (foreign.length > 0) return found.fail('FOREIGN_ANSWER', { ...values, pods: foreign, usable }, details)
  // A fair choice may miss an endpoint in a few connections: so few are inconclusive.
  if ((attempts - failed) / usable.length < leastExpected && failed === 0) return undefined
  const missed = usable.filter((pod) => !backends[pod])
  return missed.length > 0 ? found.fail('ENDPOINT_MISSED', { ...values, pods: missed }, details) : undefined
}

function unevenFinding(
  { sample, pods, counts }: Draw,
  measures: { readonly observed: string; readonly measured: number; readonly bound: Bound },
): Finding {
  const { from, service, protocol, attempts } = sample
  const values = { from, service, protocol, attempts, pods, counts: counts.map(String) }
  return found.fail('UNEVEN', values, { ...measures, evidence: [sample] })
}

/**
 * `drawn` are samples of one Service. @throws InconclusiveError unless every Node that could send has a sample of each
 * protocol
 */
function requireCoverage(recording: Recording, drawn: readonly Drawn[]): void {
  const [{ sample }] = drawn as readonly [Drawn, ...Drawn[]]
  const all = recording.of('sample').filter(({ service }) => service === sample.service)
  const protocols = [...new Set(all.map(({ protocol }) => protocol))]
  const missing = nodeMachines(recording)
    .filter((machine) => !disturbances(recording, machine).some((one) => all.some(({ at }) => during(one, at))))
    .flatMap((machine) => protocols.map((protocol) => ({ machine, protocol })))
    .filter((want) => !all.some(({ from, protocol }) => from === want.machine && protocol === want.protocol))
    .map(({ machine, protocol }) => `${machine} (${protocol})`)
  if (missing.length > 0)
    throw new InconclusiveError(`No sample of ${sample.service} from ${listed(missing)} was recorded.`, 'NOT_SAMPLED', {
      service: sample.service,
      missing,
    })
}
