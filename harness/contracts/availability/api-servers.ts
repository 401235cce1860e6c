import { availability } from '../../judge/availability/availability.ts'
import { hostNoise } from '../../judge/availability/host-noise.ts'
import { attemptsAsTries } from '../../judge/availability/tries.ts'
import { defineContract } from '../../judge/contract.ts'
import { type FaultWindow, type Interval, hitsComponent, possibleFaults } from '../../judge/fault-windows.ts'
import { without } from '../../judge/intervals.ts'
import { byProbe } from '../../judge/probe-gaps.ts'
import type { Recording } from '../../judge/recording.ts'
import { named, span } from '../../judge/scene.ts'
import type { RecordOf } from '../../record/records.ts'
import { memberRejoin } from '../bounds.ts'
import { type Used, areAvailable } from './available.ts'
import { judgedTimes } from './services.ts'

type Attempt = RecordOf<'attempt'>

/** API-15 */
export const apiServersAvailable = defineContract<Used>({
  id: 'API-15',
  area: 'kube-apiserver',
  promise: 'Each API server answers by itself, and all of them by their Service, while no fault is in force.',
  reference: 'https://kubernetes.io/docs/reference/using-api/health-checks/',
  stimulus: { needs: 'probes of API servers outside of every fault', find: uses },
  judge: areAvailable,
})

function uses(recording: Recording): Used[] {
  const own = recording.of('attempt').filter(({ target }) => target === 'api-server')
  return [...Map.groupBy(own, ({ service }) => service)].flatMap(([service, all]) =>
    [...byProbe(all)].flatMap(([probe, attempts]) => {
      const [first] = attempts
      if (!first) return []
      const shown = availability(attemptsAsTries(attempts), timesOf(recording, first), hostNoise(recording).times)
      return shown.tries > 0 ? [{ what: `${service} from ${probe}`, shown }] : []
    }),
  )
}

function timesOf(recording: Recording, probe: Attempt): Interval[] {
  const hosts = named(recording, 'control-plane')
  const [, host] = probe.service.split('@')
  if (host !== undefined) return without(span(recording), faultTimes(recording, [host]))
  const excused = faultTimes(recording, hosts)
  return judgedTimes(recording, probe).flatMap((time) => without(time, excused))
}

/** When faults may stop the API servers of some machines, or etcd behind them, until their processes have started again. */
function faultTimes(recording: Recording, hosts: readonly string[]): Interval[] {
  const { limit } = memberRejoin(recording)
  const members = named(recording, 'etcd')
  return possibleFaults(recording)
    .filter((window) => mayStop(window, hosts, members))
    .map(({ intentAt, until }) => ({ from: intentAt, until: until + limit }))
}

const objectsOnly = ['add-worker', 'cordon', 'delete-node', 'drain', 'taint']

function mayStop({ fault, target }: FaultWindow, hosts: readonly string[], members: readonly string[]): boolean {
  const { machines, component, pod, pods, cut = [] } = target
  if (pod || pods || objectsOnly.includes(fault)) return false
  if (hitsComponent(target, 'etcd') || component === 'apiserver-lb') return true
  const places = [...machines, ...cut.flatMap(({ from, to }) => [from, to])]
  const isHit = places.length === 0 || places.some((name) => hosts.includes(name))
  if (hitsComponent(target, 'kube-apiserver')) return isHit
  return component === undefined && (isHit || places.some((name) => members.includes(name)))
}
