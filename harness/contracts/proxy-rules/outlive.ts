import { needProbed } from '../../judge/probe-coverage.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { certain, during } from '../../judge/fault-windows.ts'
import { failed, passed } from '../../judge/bridge.ts'
import { portHistory, stateAt, statesDuring } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { noException } from '../bounds.ts'
import { outages, proxyScene, reference, scenarios } from './scene.ts'

/** PROXY-03 */
export const outlive: Contract = {
  id: 'PROXY-03',
  area: 'kube-proxy',
  promise:
    'The rules of a kube-proxy that has died stay as they were: its Node reaches the Services it knew, and no new ones.',
  reference,
  scenarios,
  judge(recording) {
    const { looksOf } = proxyScene(recording)
    const windows = requireNonEmpty(outages(recording), 'No kube-proxy was down.')
    let [answered, missed] = [0, 0]
    for (const window of windows) {
      const [machine = ''] = window.target.machines
      const time = certain(window)
      const looks = (looksOf.get(machine)?.looks ?? []).filter((look) => during(time, look.at))
      const [first, ...later] = requireNonEmpty(
        looks,
        `Nobody looked at the rules of ${machine} while its kube-proxy was down.`,
      )
      if (later.some(({ hash }) => hash !== first.hash)) {
        return failed(`The rules of ${machine} changed while its kube-proxy was down.`, { observed: 'rules changed' })
      }
      const kept = unchanged(recording, time)
      const attempts = recording
        .of('attempt')
        .filter(
          ({ from, service, at, endedAt }) =>
            from === machine && kept.has(service) && during(time, at) && during(time, endedAt),
        )
      const bad = attempts.find(({ ok }) => !ok)
      if (bad) {
        return failed(`A ${bad.protocol} connection from ${machine} to ${bad.service} failed (${bad.error}).`, {
          observed: `${counted(attempts.filter(({ ok }) => !ok).length, 'failure')}`,
        })
      }
      needProbed(recording, time, machine)
      answered += attempts.length
      const fresh = recording
        .of('reach')
        .filter(({ at, service }) => during(time, at) && isNew(recording, service, time.from))
      if (fresh.some(({ from, outcome }) => from === machine && outcome === 'answered')) {
        throw new InconclusiveError(`${machine} reached a Service that its dead kube-proxy can't have known.`)
      }
      const others = fresh.filter(({ from, outcome }) => from !== machine && outcome === 'answered')
      if (others.length > 0) missed += fresh.filter(({ from }) => from === machine).length
    }
    if (answered === 0) throw new InconclusiveError('Nobody used a Service from there while kube-proxy was down.')
    if (missed === 0)
      throw new InconclusiveError('No new Service was tried, from there and from elsewhere, while kube-proxy was down.')
    return passed(
      `${counted(answered, 'connection')} reached Services that were known, and none of ${counted(missed, 'packet')} a new one that other Nodes reached.`,
      { observed: `${answered} answered, rules unchanged`, measured: 0, bound: noException },
    )
  },
}

/** The Services that were asked the same all the time. */
function unchanged(recording: Recording, { from, until }: { from: number; until: number }): Set<string> {
  const states = statesDuring(portHistory(recording), from, until)
  const words = (service: string): string[] =>
    states.map(({ ports }) => JSON.stringify(ports.filter((port) => port.service === service)))
  const all = new Set(states.flatMap(({ ports }) => ports.map(({ service }) => service)))
  return new Set([...all].filter((service) => new Set(words(service)).size === 1))
}

function isNew(recording: Recording, service: string, since: number): boolean {
  return !stateAt(portHistory(recording), since)?.ports.some((port) => port.service === service)
}
