import { availability } from '../../judge/availability/availability.ts'
import { type Use, podChanges, promisedTimes } from '../../judge/availability/promised.ts'
import { attemptsAsTries } from '../../judge/availability/tries.ts'
import { defineContract } from '../../judge/contract.ts'
import { type Interval, overlaps, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import { without } from '../../judge/recording/intervals.ts'
import { byProbe } from '../../judge/coverage/probe-gaps.ts'
import { needProbedWhole } from '../../judge/coverage/probe-coverage.ts'
import { mayLosePackets } from '../../judge/proxy-rules/proxy-faults.ts'
import type { ProxyMachine } from '../../judge/proxy-rules/service-port.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'
import { proxyRestart, rulesFollow, watchDelayMs } from '../bounds.ts'
import { disturbances, unknownTimes } from '../kube-proxy/disturbances.ts'
import { machineOf, proxyScene } from '../kube-proxy/scene.ts'
import { type Used, areAvailable } from './available.ts'

type Attempt = RecordOf<'attempt'>

/** A probe of a Service, with the times in which it had to be answered. */
interface Probe extends Used {
  readonly attempts: readonly Attempt[]
  readonly times: readonly Interval[]
}

/** PROXY-13 */
export const servicesAvailable = defineContract<Probe>({
  id: 'PROXY-13',
  area: 'kube-proxy',
  promise:
    'A Service with ready endpoints answers from every place and by each of its addresses while no fault is in force.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/service/',
  stimulus: {
    needs: 'probes of a Service with ready endpoints outside of every fault',
    find: (recording) => [...probes(recording), ...samples(recording)],
  },
  judge(recording, uses) {
    const finding = areAvailable(recording, uses)
    if (finding.status === 'pass') for (const { attempts, times } of uses) needProbedWhole(recording, attempts, times)
    return finding
  },
})

function probes(recording: Recording): Probe[] {
  const own = recording.of('attempt').filter(({ target }) => target !== 'api-server')
  if (own.length === 0) return []
  const noisy = noisyTimes(recording)
  return [...Map.groupBy(own, ({ service }) => service)].flatMap(([service, all]) => {
    const { ends, changes } = changesOf(recording, service)
    return [...byProbe(all)].flatMap(([probe, attempts]) => {
      const [first] = attempts
      if (!first) return []
      const kept = first.connection === 'kept' ? ends : []
      const times = judgedTimes(recording, first).flatMap((time) => without(time, [...changes, ...kept]))
      const shown = availability(attemptsAsTries(attempts), times, noisy)
      return shown.tries > 0 ? [{ what: `${service} from ${probe}`, shown, attempts, times }] : []
    })
  })
}

/** Samples have one time for all of their connections: host noise at any of it makes their failures doubtful. */
function samples(recording: Recording): Probe[] {
  const noisy = noisyTimes(recording)
  return recording.of('sample').flatMap((sample) => {
    const { at, endedAt, from, service, protocol, attempts: tries, failed: all } = sample
    const { changes } = changesOf(recording, service)
    const times = judgedTimes(recording, sample).flatMap((time) => without(time, changes))
    if (!times.some((time) => time.from <= at && endedAt <= time.until)) return []
    const isDoubtful = noisy.some((time) => overlaps(time, { from: at, until: endedAt }))
    const [failed, doubtful] = isDoubtful ? [0, all] : [all, 0]
    const failures = failed > 0 ? [{ at, endedAt, ok: false, soft: true, record: sample }] : []
    const shown = { tries, failed, doubtful, longestMs: 0, longestDoubtfulMs: 0, failures }
    return [{ what: `a sample of ${service} from ${from} ${protocol}`, shown, attempts: [], times: [] }]
  })
}

/** Times around changes of pods, and those in which a kept connection may end with its pod. */
function changesOf(recording: Recording, service: string): { changes: Interval[]; ends: Interval[] } {
  const { limit } = rulesFollow(recording)
  const { at, endings } = podChanges(recording, service)
  return {
    changes: at.map((time) => ({ from: time - watchDelayMs, until: time + limit })),
    ends: endings.map(({ from, until }) => ({ from: from - watchDelayMs, until: until + limit })),
  }
}

/** When a probe had to be answered: the grace after a change of endpoints or a fault is left out, and what follows is not. */
export function judgedTimes(recording: Recording, probe: Use): Interval[] {
  const handler = handlerOf(recording, probe)
  if (!handler) return []
  const { limit } = rulesFollow(recording)
  const sender = machineOf(recording, probe.from, probe.at)
  const unknown = unknownTimes(recording)
  return promisedTimes(recording, probe, handler).flatMap(({ from, until, endpoints }) => {
    const time = { from: from + limit, until: until - watchDelayMs }
    const places = [handler.name, ...(sender ? [sender] : []), ...endpoints.map(({ node }) => node)]
    return without(time, [
      ...unknown,
      ...behindTimes(recording, handler.name, from),
      ...lossyTimes(recording, probe, places),
    ])
  })
}

/** The machine whose rules send a probe on: its own, or the one whose node port is used. */
function handlerOf(recording: Recording, { from, to = '', at, target }: Use): ProxyMachine | undefined {
  const { machines, machineNamed } = proxyScene(recording)
  if (target === 'node-port') return machines.find(({ address }) => to.startsWith(`${address}:`))
  const name = machineOf(recording, from, at)
  return name === undefined ? undefined : machineNamed(name)
}

/** When rules may be wrong. Rules that are only behind are right for endpoints that they had followed before. */
function behindTimes(recording: Recording, machine: string, since: number): Interval[] {
  const { limit } = rulesFollow(recording)
  return disturbances(recording, machine).filter(({ behind, from }) => !behind || since + limit > from)
}

const changesFlows = ['stale-conntrack', 'remove-cni', 'dns-failure']

/** When faults may lose packets between some machines, until their processes have started again. */
function lossyTimes(recording: Recording, { target }: Use, places: readonly string[]): Interval[] {
  const { limit } = proxyRestart(recording)
  const resolves = target === 'dns-name'
  return possibleFaults(recording)
    .filter((window) => resolves || changesFlows.includes(window.fault) || mayLosePackets(window, places))
    .map(({ intentAt, until }) => ({ from: intentAt, until: until + limit }))
}
