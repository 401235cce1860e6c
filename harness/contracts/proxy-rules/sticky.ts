import type { AnyContract as Contract, LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed, passed } from '../../judge/bridge.ts'
import { differenceWords, portHistory, stateAt, statesDuring } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { attemptsTo } from '../../judge/service-endpoints.ts'
import { requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { counted, duration } from '../../judge/words.ts'
import { noException, rulesFollow } from '../bounds.ts'
import { machineOf, outages, proxyScene, reference, scenarios, tamperings } from './scene.ts'

/** How often clients whose time-out was over may all come back by chance, before it counts as being bound still. */
const alpha = 0.001

/** Somebody who was sent somewhere: when it asked, when it was answered, and by whom. */
interface Visit {
  readonly at: number
  readonly endedAt: number
  readonly from: string
  readonly backend: string
}

/** PROXY-06 */
export const sticky: Contract = {
  id: 'PROXY-06',
  area: 'kube-proxy',
  promise:
    'With session affinity ClientIP a client goes to the same endpoint until its time-out is over, or until the endpoint has gone.',
  reference,
  scenarios,
  judge(recording) {
    const bound = requireNonEmpty(stickyServices(recording), 'No Service had session affinity.')
    const wrong = unbound(recording, bound)
    if (wrong) return wrong
    let [kept, moved, freed, decided] = [0, 0, 0, 0]
    for (const [service, seconds] of bound) {
      let [own, chanceOfNone] = [0, 1]
      const timeoutMs = seconds * 1_000
      for (const visits of clientsOf(recording, service)) {
        for (const [n, now] of visits.entries()) {
          const before = visits[n - 1]
          if (!before) continue
          const same = before.backend === now.backend
          if (now.at - before.endedAt > timeoutMs) {
            if (!same) own += 1
            chanceOfNone /= Math.max(1, endpointsAt(recording, service, now.at))
          }
          if (now.endedAt - before.at > timeoutMs) continue
          if (same) kept += 1
          else if (hasLeft(recording, service, before.backend, before.at, now.endedAt)) moved += 1
          else if (!isForgotten(recording, machineOf(recording, now.from), before.at, now.at)) {
            return failed(
              `A client on ${now.from} was sent to ${now.backend} ${Math.round(now.at - before.at)} ms after ${before.backend}, which was ready all the time.`,
              {
                observed: 'a client moved',
                moments: [{ at: now.at, label: `a client on ${now.from} moved` }],
              },
            )
          }
        }
      }
      if (chanceOfNone > alpha) continue
      if (own === 0) {
        return failed(
          `Every client of ${service} that came back after its time-out was sent to the endpoint of before, which is no chance.`,
          { observed: 'clients stay bound' },
        )
      }
      freed += own
      decided += 1
    }
    if (kept < 100) throw new InconclusiveError(`Only ${counted(kept, 'connection')} came back in time.`)
    if (moved === 0) throw new InconclusiveError("No client's endpoint went away.")
    if (decided === 0)
      throw new InconclusiveError('Too few clients came back after their time-out to tell it from chance.')
    const times = bound.map(([, seconds]) => duration(seconds * 1_000)).join(', ')
    return passed(
      `${counted(kept, 'connection')} came back in time to the endpoint of the one before (${times}); ${counted(moved, 'client')} moved, as the endpoint had gone, and ${freed} went elsewhere after the time-out.`,
      {
        observed: `${kept} kept, ${moved} moved, ${freed} free again`,
        measured: 0,
        bound: {
          ...noException,
          source: `${noException.source}, within the timeoutSeconds of each Service (${times})`,
        },
      },
    )
  },
}

function stickyServices(recording: Recording): [string, number][] {
  const all = portHistory(recording).flatMap(({ ports }) =>
    ports.flatMap(({ service, stickySeconds }) => (stickySeconds ? [[service, stickySeconds] as const] : [])),
  )
  return [...new Map(all)]
}

/** Rules that do not bind clients as asked, seen last of all. */
function unbound(recording: Recording, bound: readonly [string, number][]): Finding | undefined {
  const { machines, looksOf, excused } = proxyScene(recording)
  for (const { name } of machines) {
    const looks = looksOf.get(name)
    const last = looks?.looks.findLast(({ at }) => !excused(name, at))
    const wrong =
      last && looks?.differences(last).find((one) => bound.some(([service]) => one.service.startsWith(`${service}:`)))
    if (wrong)
      return failed(`The rules do not bind clients as asked: ${differenceWords(wrong)}.`, { observed: 'wrong rules' })
  }
  return undefined
}

/** What each client saw, in order. A kernel remembers the sender, so a machine's probes and its single packets are one client. */
function clientsOf(recording: Recording, service: string): Visit[][] {
  const attempts = attemptsTo(recording, service).filter(
    ({ target = 'cluster-ip', connection }) => target === 'cluster-ip' && connection !== 'kept',
  )
  const probes = attempts.flatMap(({ ok, at, sentAt = at, endedAt, from, protocol, backend }) =>
    ok && backend !== undefined ? [{ at: sentAt, endedAt, from, protocol, backend }] : [],
  )
  const packets = recording
    .of('reach')
    .filter((one) => one.service === service && one.through === '')
    .flatMap(({ at, endedAt, from, protocol, backend }) =>
      backend === undefined ? [] : [{ at, endedAt, from, protocol, backend }],
    )
  const all = [...probes, ...packets].sort((a, b) => a.at - b.at)
  return [...Map.groupBy(all, ({ from, protocol }) => `${from} ${protocol}`).values()]
}

/** How many endpoints a client that is bound to none could be sent to. */
function endpointsAt(recording: Recording, service: string, at: number): number {
  const port = stateAt(portHistory(recording), at)?.ports.find((one) => one.service === service)
  return port?.endpoints.filter(({ ready }) => ready).length ?? 0
}

/** The endpoint was not ready at some time since shortly before it was used for the last time; we may have been told after kube-proxy was. */
function hasLeft(recording: Recording, service: string, pod: string, from: number, until: number): boolean {
  const { limit } = rulesFollow(recording)
  return statesDuring(portHistory(recording), from - limit, until + limit).some(({ ports }) =>
    ports.some((port) => port.service === service && !port.endpoints.some((one) => one.pod === pod && one.ready)),
  )
}

/** The kernel forgets whom it sent where when the rules that remember it are taken away. */
function isForgotten(recording: Recording, machine: string, since: number, until: number): boolean {
  return [...tamperings(recording), ...outages(recording)].some(
    ({ target, intentAt, until: ended }) =>
      target.machines.includes(machine) && intentAt <= until && ended + rulesFollow(recording).limit >= since,
  )
}
