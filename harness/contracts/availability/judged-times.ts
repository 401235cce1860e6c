import { type Use, promisedTimes } from '../../judge/availability/promised.ts'
import { type Interval, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { mayLosePackets } from '../../judge/kube-proxy/proxy-faults.ts'
import type { ProxyMachine } from '../../judge/kube-proxy/service-port.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { proxyRestart, rulesFollow, watchDelayMs } from '../bounds.ts'
import { disturbances, unknownTimes } from '../kube-proxy/disturbances.ts'
import { machineOf, proxyFacts } from '../kube-proxy/proxy-facts.ts'

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
  const { machines, machineNamed } = proxyFacts(recording)
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
