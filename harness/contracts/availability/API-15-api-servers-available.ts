import { defineContract } from '../../judge/contract.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import type { RecordOf } from '../../record/records.ts'
import { memberRejoin } from '../bounds.ts'
import { downTimes, hinderedTimes, membersOf } from '../fault-effects.ts'
import { judgedTimes } from './judged-times.ts'
import { type Probe, areAnswered, probesOf } from './probes.ts'

export const apiServersAvailable = defineContract<Probe>({
  id: 'API-15',
  area: 'kube-apiserver',
  promise:
    'Each API server answers at its own address, and the kubernetes Service answers, while no fault is in force.',
  reference: 'https://kubernetes.io/docs/reference/using-api/health-checks/',
  stimulus: { needs: 'probes of API servers outside of every fault', find: probes },
  judge: areAnswered,
})

function probes(recording: Recording): Probe[] {
  const own = recording.of('attempt').filter(({ target }) => target === 'api-server')
  return [...Map.groupBy(own, ({ service }) => service)].flatMap(([service, all]) =>
    probesOf(recording, service, all, (first) => timesOf(recording, first)),
  )
}

function timesOf(recording: Recording, probe: RecordOf<'attempt'>): Interval[] {
  const hosts = named(recording, 'control-plane')
  const [, host] = probe.service.split('@')
  if (host !== undefined) return without(span(recording), faultTimes(recording, [host]))
  const excused = faultTimes(recording, hosts)
  return judgedTimes(recording, probe).flatMap((time) => without(time, excused))
}

/** When faults may stop the API servers of some machines, or etcd behind them, until their processes have started again. */
function faultTimes(recording: Recording, hosts: readonly string[]): Interval[] {
  const { limit } = memberRejoin(recording)
  const own = hosts.flatMap((machine) => components.map((component) => ({ machine, component })))
  return [...downTimes(recording, own, limit), ...hinderedTimes(recording, membersOf(recording), limit)]
}

const components = ['kube-apiserver', 'apiserver-lb']
