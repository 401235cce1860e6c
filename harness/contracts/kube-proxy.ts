import type { AnyContract as Contract } from '../judge/bridge.ts'
import { faultWindows, overlaps } from '../judge/fault-windows.ts'
import { failed, passed } from '../judge/bridge.ts'
import { objects } from '../judge/kubernetes-objects.ts'
import type { Recording } from '../judge/recording.ts'
import { nodeMachines } from '../judge/scene.ts'
import { type EndpointState, endpointStates, endpointsAt, readyPods } from '../judge/service-endpoints.ts'
import { InconclusiveError, requireNonEmpty } from '../judge/inconclusive.ts'
import { holm, leastExpected, uniformity } from '../judge/uniformity.ts'
import type { Bound } from '../judge/verdict.ts'
import { blindTimes } from '../judge/watch-coverage.ts'
import { counted, listed } from '../judge/words.ts'
import type { RecordOf } from '../record/records.ts'
import { proxySync } from './bounds.ts'

type Sample = RecordOf<'sample'>

/** Among recordings of sound clusters one in a thousand may fail by chance, however many samples each has. */
const alpha: Bound = {
  limit: 0.001,
  unit: 'p-value',
  source: "alpha of the catalogue for all samples of a recording together (Holm's adjustment)",
}

/** Draws that nobody answered hide whose they were: with more of them a sample says nothing about chances. */
const mostUnanswered = 0.01

/** PROXY-02 */
const fairChoice: Contract = {
  id: 'PROXY-02',
  area: 'kube-proxy',
  promise:
    'On every Node each new connection to a Service goes to one of its ready endpoints, every one as likely as the others.',
  reference: 'https://kubernetes.io/docs/reference/networking/virtual-ips/',
  scenarios: ['worked-example', 'kill-scheduler', 'partition-etcd', 'drain-node', 'kube-proxy-rules'],
  judge(recording) {
    const samples = requireNonEmpty(recording.of('sample'), 'No sample of connections was taken.')
    const doubts: string[] = []
    const draws: Draw[] = []
    for (const sample of samples) {
      const found = endpointsDuring(recording, sample)
      if (typeof found === 'string') {
        doubts.push(found)
        continue
      }
      const { ready, settling } = found
      const wrong = wrongChoice(sample, ready)
      const answered = sample.attempts - sample.failed
      if (wrong !== undefined && settling) doubts.push(unsettled(sample))
      else if (wrong !== undefined) return failed(wrong, { observed: `${place(sample)}: wrong endpoints`, fault: '' })
      else if (sample.failed > mostUnanswered * sample.attempts) {
        doubts.push(`${sample.failed} of ${sample.attempts} connections ${place(sample)} were not answered`)
      } else if (answered / ready.length < leastExpected) {
        doubts.push(`${answered} connections ${place(sample)} are too few for ${ready.length} endpoints`)
      } else draws.push({ sample, settling, counts: ready.map((pod) => sample.backends[pod] ?? 0) })
    }
    const adjusted = holm(draws.map(({ counts }) => uniformity(counts).p))
    const least = Math.min(1, ...adjusted)
    const measures = {
      observed: `${counted(draws.length, 'sample')}, smallest adjusted p ${Number(least.toPrecision(2))}`,
      measured: least,
      bound: alpha,
      fault: '',
    }
    const uneven = draws.filter((_, index) => (adjusted[index] ?? 1) < alpha.limit)
    const worst = uneven.find(({ settling }) => !settling)
    if (worst) {
      return failed(`Connections ${place(worst.sample)} fell ${worst.counts.join(', ')} on equal endpoints.`, measures)
    }
    doubts.push(...uneven.map(({ sample }) => unsettled(sample)))
    if (doubts.length > 0) throw new InconclusiveError(`${listed(doubts, 2)}.`)
    for (const own of Map.groupBy(samples, ({ service }) => service).values()) needCoverage(recording, own)
    const total = samples.reduce((sum, { attempts }) => sum + attempts, 0)
    const unanswered = samples.reduce((sum, { failed: count }) => sum + count, 0)
    return passed(
      `${total} fresh connections from ${new Set(samples.map(({ from }) => from)).size} places reached every ready endpoint as evenly as chance does${unanswered > 0 ? ` (${unanswered} were not answered)` : ''}.`,
      measures,
    )
  },
}

interface Draw {
  readonly sample: Sample
  readonly settling: boolean
  readonly counts: readonly number[]
}

/**
 * The ready endpoints all through a sample, or why that can't be said. `settling`: they changed just before, so a Node may
 * have begun with the old ones. Such a sample can't show a breach; that it is even all the same can't come of old rules.
 */
function endpointsDuring(recording: Recording, sample: Sample): { ready: string[]; settling: boolean } | string {
  const blind = blindTimes(recording, 'endpointslices')
  const since = sample.at - proxySync(recording).limit
  if (blind.some((one) => overlaps(one, { from: since, until: sample.endedAt }))) {
    return `nobody watched the slices while connections ${place(sample)} were made`
  }
  const states = endpointStates(recording, sample.service)
  const current = endpointsAt(states, sample.at)
  if (!current) return `no slice of ${sample.service} is known`
  const ready = readyPods(current)
  if (ready.length === 0) return `${sample.service} had no ready endpoint`
  const differs = (endpoints: EndpointState['endpoints'] | undefined): boolean =>
    !endpoints || readyPods(endpoints).join() !== ready.join()
  const changes = states.filter(({ at, endpoints }) => since < at && at <= sample.endedAt && differs(endpoints))
  if (changes.some(({ at }) => at > sample.at)) {
    return `the endpoints changed while connections ${place(sample)} were made`
  }
  return { ready, settling: changes.length > 0 || differs(endpointsAt(states, since)) }
}

function unsettled(sample: Sample): string {
  return `the endpoints changed just before connections ${place(sample)} were made, which were uneven`
}

function wrongChoice(sample: Sample, ready: readonly string[]): string | undefined {
  const foreign = Object.keys(sample.backends).filter((pod) => !ready.includes(pod))
  if (foreign.length > 0) {
    return `Connections ${place(sample)} were answered by ${listed(foreign)}, which no slice lists as ready.`
  }
  const answered = sample.attempts - sample.failed
  // A fair choice may well miss an endpoint in a handful of draws; that few are undecided below.
  if (answered / ready.length < leastExpected && sample.failed === 0) return undefined
  const missed = ready.filter((pod) => !sample.backends[pod])
  if (missed.length === 0) return undefined
  return `None of ${sample.attempts} connections ${place(sample)} reached ${listed(missed)}.`
}

/** `samples` are of one Service. @throws InconclusiveError unless there is one of each of its protocols from every Node that was left */
function needCoverage(recording: Recording, samples: readonly Sample[]): void {
  const [{ service, at }] = samples as readonly [Sample, ...Sample[]]
  const [namespace = '', name = ''] = service.split('/')
  const ports = objects(recording, 'services').named(namespace, name).at(-1)?.at(at)?.spec.ports ?? []
  const protocols = new Set([
    ...ports.map(({ protocol }) => protocol.toLowerCase()),
    ...samples.map(({ protocol }) => protocol),
  ])
  const lost = faultWindows(recording).flatMap(({ fault, target }) => (fault === 'lose-machine' ? target.machines : []))
  const missing = nodeMachines(recording)
    .filter((machine) => !lost.includes(machine))
    .flatMap((machine) => [...protocols].map((protocol) => ({ machine, protocol })))
    .filter((want) => !samples.some(({ from, protocol }) => from === want.machine && protocol === want.protocol))
    .map(({ machine, protocol }) => `${machine} (${protocol})`)
  if (missing.length > 0) throw new InconclusiveError(`There is no sample of ${service} from ${listed(missing)}.`)
}

function place({ from, protocol }: Sample): string {
  return `from ${from} over ${protocol.toUpperCase()}`
}

export const kubeProxy: readonly Contract[] = [fairChoice]
