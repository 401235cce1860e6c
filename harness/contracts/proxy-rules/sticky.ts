import type { Contract } from '../../judge/contract.ts'
import { failed, passed } from '../../judge/finding.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import { byProbe } from '../../judge/probe-gaps.ts'
import { differenceWords, portHistory, statesDuring } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { namespaceOf } from '../../judge/scene.ts'
import { attemptsTo } from '../../judge/service-endpoints.ts'
import { needSome, Undecided } from '../../judge/undecided.ts'
import { counted } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'
import { outages, proxyScene, reference, scenarios, tamperings } from './scene.ts'

/** PROXY-06 */
export const sticky: Contract = {
  id: 'PROXY-06',
  area: 'kube-proxy',
  promise:
    'With session affinity ClientIP a client goes to the same endpoint until its time-out is over, or until the endpoint has gone.',
  reference,
  scenarios,
  judge(recording) {
    const { machines, looksOf, excused } = proxyScene(recording)
    const history = portHistory(recording)
    const bound = new Map(
      history.flatMap(({ ports }) =>
        ports.flatMap(({ service, stickySeconds }) => (stickySeconds ? [[service, stickySeconds] as const] : [])),
      ),
    )
    const [[service, seconds]] = needSome([...bound], 'No Service had session affinity.')
    for (const { name } of machines) {
      const looks = looksOf.get(name)
      const last = looks?.looks.findLast(({ at }) => !excused(name, at))
      const wrong = last && looks?.differences(last).find((one) => one.service.startsWith(`${service}:`))
      if (wrong)
        return failed(`The rules do not bind clients as asked: ${differenceWords(wrong)}.`, { observed: 'wrong rules' })
    }
    let [kept, moved] = [0, 0]
    for (const attempts of byProbe(attemptsTo(recording, service)).values()) {
      const answered = attempts.filter(({ ok }) => ok)
      for (const [n, { at, endedAt, backend = '', from }] of answered.entries()) {
        const before = answered[n - 1]
        if (before?.backend === undefined || at - before.at > seconds * 1000) continue
        if (before.backend === backend) kept += 1
        else if (hasLeft(recording, service, before.backend, before.at, endedAt)) moved += 1
        else if (!isForgotten(recording, machineOf(recording, from), before.at, at)) {
          return failed(
            `A client on ${from} was sent to ${backend} ${Math.round(at - before.at)} ms after ${before.backend}, which was ready all the time.`,
            { observed: 'a client moved', moments: [{ at, label: `a client on ${from} moved` }] },
          )
        }
      }
    }
    if (kept < 100) throw new Undecided(`Only ${counted(kept, 'connection')} came back in time.`)
    if (moved === 0) throw new Undecided("No client's endpoint went away.")
    return passed(
      `${counted(kept, 'connection')} came back within ${seconds} s to the endpoint of the one before; ${counted(moved, 'client')} moved, as the endpoint had gone.`,
      { observed: `${kept} kept, ${moved} moved` },
    )
  },
}

/** The endpoint was not ready at some time since shortly before it was used for the last time; we may have been told after kube-proxy was. */
function hasLeft(recording: Recording, service: string, pod: string, from: number, until: number): boolean {
  const { limit } = rulesFollow(recording)
  return statesDuring(portHistory(recording), from - limit, until + limit).some(({ ports }) =>
    ports.some((port) => port.service === service && !port.endpoints.some((one) => one.pod === pod && one.ready)),
  )
}

/** The machine whose kernel sends a client's packets on; of a pod, the one that it runs on. */
function machineOf(recording: Recording, from: string): string {
  if (!from.startsWith('pod:')) return from
  const pods = objects(recording, 'pods').named(namespaceOf(recording), from.slice('pod:'.length))
  return pods.at(-1)?.versions.at(-1)?.object.spec.nodeName ?? from
}

/** The kernel forgets whom it sent where when the rules that remember it are taken away. */
function isForgotten(recording: Recording, machine: string, since: number, until: number): boolean {
  return [...tamperings(recording), ...outages(recording)].some(
    ({ target, intentAt, until: ended }) =>
      target.machines.includes(machine) && intentAt <= until && ended + rulesFollow(recording).limit >= since,
  )
}
