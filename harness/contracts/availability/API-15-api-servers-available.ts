import { availability } from '../../judge/availability/availability.ts'
import { attemptsAsTries } from '../../judge/availability/tries.ts'
import { defineContract } from '../../judge/contract.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import { without } from '../../judge/recording/intervals.ts'
import { needProbedWhole } from '../../judge/coverage/probe-coverage.ts'
import { byProbe } from '../../judge/coverage/probe-gaps.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/scene.ts'
import type { RecordOf } from '../../record/records.ts'
import { memberRejoin } from '../bounds.ts'
import { downTimes, hinderedTimes, membersOf } from '../fault-effects.ts'
import { type Used, areAvailable } from './available.ts'
import { judgedTimes } from './PROXY-13-services-available.ts'

type Attempt = RecordOf<'attempt'>

/** API-15 */
export const apiServersAvailable = defineContract<Probe>({
  id: 'API-15',
  area: 'kube-apiserver',
  promise: 'Each API server answers by itself, and all of them by their Service, while no fault is in force.',
  reference: 'https://kubernetes.io/docs/reference/using-api/health-checks/',
  stimulus: { needs: 'probes of API servers outside of every fault', find: uses },
  judge(recording, all) {
    const finding = areAvailable(recording, all)
    if (finding.status === 'pass') for (const { attempts, times } of all) needProbedWhole(recording, attempts, times)
    return finding
  },
})

interface Probe extends Used {
  readonly attempts: readonly Attempt[]
  readonly times: readonly Interval[]
}

function uses(recording: Recording): Probe[] {
  const own = recording.of('attempt').filter(({ target }) => target === 'api-server')
  return [...Map.groupBy(own, ({ service }) => service)].flatMap(([service, all]) =>
    [...byProbe(all)].flatMap(([probe, attempts]) => {
      const [first] = attempts
      if (!first) return []
      const times = timesOf(recording, first)
      const shown = availability(attemptsAsTries(attempts), times, noisyTimes(recording))
      return shown.tries > 0 ? [{ what: `${service} from ${probe}`, shown, attempts, times }] : []
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
  const own = hosts.flatMap((machine) => components.map((component) => ({ machine, component })))
  return [...downTimes(recording, own, limit), ...hinderedTimes(recording, membersOf(recording), limit)]
}

const components = ['kube-apiserver', 'apiserver-lb']
