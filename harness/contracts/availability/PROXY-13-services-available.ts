import { podChanges } from '../../judge/availability/promised.ts'
import { defineContract } from '../../judge/contract.ts'
import { type Interval, overlaps } from '../../judge/faults/fault-windows.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { rulesFollow, watchDelayMs } from '../bounds.ts'
import { judgedTimes } from './judged-times.ts'
import { type Probe, areAnswered, probesOf } from './probes.ts'

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
  judge: areAnswered,
})

function probes(recording: Recording): Probe[] {
  const own = recording.of('attempt').filter(({ target }) => target !== 'api-server')
  return [...Map.groupBy(own, ({ service }) => service)].flatMap(([service, all]) => {
    const { ends, changes } = changesOf(recording, service)
    return probesOf(recording, service, all, (first) => {
      const kept = first.connection === 'kept' ? ends : []
      return judgedTimes(recording, first).flatMap((time) => without(time, [...changes, ...kept]))
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
