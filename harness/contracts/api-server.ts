import { needProbed } from '../judge/probe-coverage.ts'
import { storeOf } from '../judge/acknowledged-writes.ts'
import { censusAround } from '../judge/container-census.ts'
import type { AnyContract as Contract } from '../judge/bridge.ts'
import { certain, during } from '../judge/fault-windows.ts'
import { failed, passed } from '../judge/bridge.ts'
import { byProbe, probeGaps } from '../judge/probe-gaps.ts'
import { namespaceOf, nodeMachines } from '../judge/scene.ts'
import { attemptsTo } from '../judge/service-endpoints.ts'
import { InconclusiveError, requireNonEmpty } from '../judge/inconclusive.ts'
import { counted, duration, listed } from '../judge/words.ts'
import { quorumOutage } from './etcd/outage.ts'

const protocols = ['tcp', 'udp'] as const

/** API-08. Without etcd's quorum an API server can store nothing, which to its users is an API that is down. */
const worksWithoutApi: Contract = {
  id: 'API-08',
  area: 'kube-apiserver',
  promise:
    'While the API can store nothing, no change is confirmed, and running pods and the Services in front of them go on as before.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  scenarios: ['partition-etcd'],
  judge(recording) {
    const { outage, fault } = quorumOutage(recording)
    const sure = certain(outage)
    const tried = requireNonEmpty(
      recording.of('write').filter((write) => storeOf(write) === 'apiserver' && during(sure, write.at)),
      'Nobody wrote through an API server while the quorum was lost.',
    )
    const acked = tried.filter(({ outcome, endedAt }) => outcome === 'acked' && endedAt < sure.until)
    if (acked.length > 0) {
      return failed(
        `${listed(acked.map(({ key, via }) => `${via} confirmed ${key}`))} though etcd could store nothing.`,
        { observed: `${counted(acked.length, 'API write')} confirmed`, fault },
      )
    }
    const { containers, machines, lost } = censusAround(recording, outage)
    if (lost.length > 0) {
      return failed(`While the quorum was lost ${listed(lost)} did not go on running.`, {
        observed: `${counted(lost.length, 'container')} ended`,
        fault,
      })
    }
    const attempts = attemptsTo(recording, `${namespaceOf(recording)}/web`).filter(({ at }) => during(outage, at))
    const probes = byProbe(attempts)
    for (const from of nodeMachines(recording)) {
      const silent = protocols.find((protocol) => !probes.has(`${from} ${protocol}`))
      if (silent) throw new InconclusiveError(`No ${silent} probe from ${from} was recorded while the quorum was lost.`)
    }
    const broken = [...probes].filter(([, own]) => own.some(({ ok }) => !ok))
    if (broken.length > 0) {
      const words = broken.map(([probe, own]) => {
        const { failed: count, attempts: all, longestMs, longestAtLeastMs } = probeGaps(own)
        return `${probe} (${count} of ${all}, longest gap ${duration(longestMs)}, at least ${duration(longestAtLeastMs)})`
      })
      return failed(`While the quorum was lost the Service did not answer ${listed(words)}.`, {
        observed: `${counted(attempts.filter(({ ok }) => !ok).length, 'failed probe')} of ${attempts.length}`,
        fault,
      })
    }
    needProbed(recording, outage)
    return passed(
      `In ${duration(outage.until - outage.from)} none of ${counted(tried.length, 'API write')} was confirmed, and ${counted(containers, 'container')} on ${counted(machines, 'machine')} ran on.`,
      { observed: `${counted(attempts.length, 'probe')} from ${counted(probes.size, 'place')}, all answered`, fault },
    )
  },
}

export const apiServer: readonly Contract[] = [worksWithoutApi]
