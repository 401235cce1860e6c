import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { timed } from '../../judge/bridge.ts'
import { portHistory } from '../../judge/proxy-rules/port-history.ts'
import { endpointAddress } from '../../judge/proxy-rules/service-port.ts'
import { requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { counted, duration } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'
import { proxyScene, reference, scenarios } from './scene.ts'

/** PROXY-11 */
export const flows: Contract = {
  id: 'PROXY-11',
  area: 'kube-proxy',
  promise: 'UDP senders that go on from one port are not held at endpoints that have gone.',
  reference,
  scenarios,
  judge(recording) {
    proxyScene(recording)
    const history = portHistory(recording)
    const looks = requireNonEmpty(recording.of('flows'), 'Nobody looked at what connection tracking remembers.')
    const bound = rulesFollow(recording)
    let longest = 0
    let worst = ''
    const used = new Set<string>()
    const left = new Set<string>()
    for (const { at, service, machine, flows: remembered } of looks) {
      const serving = (time: (state: (typeof history)[number]) => boolean): (typeof history)[number] | undefined =>
        history.findLast((state) => state.at <= at && time(state))
      for (const { to, answeredBy } of remembered) {
        used.add(answeredBy)
        const has = (state: (typeof history)[number]): boolean =>
          state.ports.some(
            (port) =>
              port.service === service &&
              port.protocol === 'udp' &&
              `${port.clusterIP}:${port.port}` === to &&
              port.endpoints.some((one) => one.serving && endpointAddress(one) === answeredBy),
          )
        const last = serving(has)
        if (!last) throw new InconclusiveError(`${answeredBy} never was an endpoint of ${service}.`)
        const oldMs = Math.max(0, at - last.until)
        if (oldMs > longest) [longest, worst] = [oldMs, `${machine} sent datagrams for ${to} to ${answeredBy}`]
      }
      for (const one of used) if (!remembered.some(({ answeredBy }) => answeredBy === one)) left.add(one)
    }
    if (used.size < 2) throw new InconclusiveError('No sender was seen at one endpoint and then at another.')
    if (left.size === 0 && longest === 0) throw new InconclusiveError('No endpoint of a sender went away.')
    return timed(longest, bound, {
      observed: `${counted(used.size, 'endpoint')} used, ${counted(left.size, 'endpoint')} left behind`,
      pass: `Senders were let go of ${counted(left.size, 'endpoint')} that had gone, and went on to the next.`,
      late: `${worst} ${duration(longest)} after that had gone.`,
    })
  },
}
