import type { LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed } from '../../judge/bridge.ts'
import { portHistory, statesDuring } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'
import { proxyScene } from './scene.ts'

/** What kube-proxies told load balancers: a finding where one told something wrong, else how often each answer was right. */
export function healthChecks(recording: Recording): Finding | { readonly words: string } {
  const { excused } = proxyScene(recording)
  const checks = recording.of('health').filter(({ machine, at }) => !excused(machine, at))
  const told = { 200: 0, 503: 0 }
  for (const { at, endedAt, machine, service, status } of checks) {
    const { limit } = rulesFollow(recording)
    const due = statesDuring(portHistory(recording), at - limit, endedAt + limit).flatMap(({ ports }) => {
      const own = ports.filter((port) => port.service === service)
      if (own.length === 0) return []
      return own.some(({ endpoints }) => endpoints.some(({ node, ready }) => node === machine && ready)) ? 200 : 503
    })
    if (!due.some((one) => one === status)) {
      return failed(
        `Asked whether ${machine} has an endpoint of ${service}, its kube-proxy answered ${status || 'nothing'} instead of ${[...new Set(due)].join(' or ') || 'nothing'}.`,
        { observed: 'a wrong health check', moments: [{ at, label: `a wrong health check on ${machine}` }] },
      )
    }
    if (status === 200 || status === 503) told[status] += 1
  }
  const [yes, no] = ([200, 503] as const).map((status) => told[status])
  requireNonEmpty(Array.from({ length: yes ?? 0 }), 'No Node with an endpoint was asked for its health check.')
  requireNonEmpty(Array.from({ length: no ?? 0 }), 'No Node without an endpoint was asked for its health check.')
  return { words: `${counted(yes ?? 0, 'health check')} said so, and ${no} that there is none` }
}
