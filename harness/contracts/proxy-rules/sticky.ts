import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/finding.ts'
import type { Difference } from '../../judge/proxy-rules/compare.ts'
import { differenceWords } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { noException, rulesFollow } from '../bounds.ts'
import { judgedLooks, proxyScene, reference } from './scene.ts'
import { type Return, returns } from './sticky-visits.ts'

/** How often clients whose time-out was over may all come back by chance, before it counts as being bound still. */
const alpha = 0.001
/** Fewer may all go to one of three endpoints by chance, or miss a rule that is wrong for one of many. */
const leastReturns = 100

interface Sticky {
  readonly service: string
  readonly all: readonly Return[]
}

interface Moved {
  readonly from: string
  readonly service: string
  readonly before: string
  readonly now: string
  readonly afterMs: number
}

interface Counts {
  readonly services: readonly string[]
  readonly kept: number
  readonly moved: number
  readonly freed: number
}

const found = findings({
  CLIENT_MOVED: ({ from, service, before, now, afterMs }: Moved) =>
    `A client on ${from} was sent to ${now} of ${service} ${duration(afterMs)} after ${before}, which was ready all the time.`,
  CLIENTS_STAY_BOUND: ({ service, returns: count }: { readonly service: string; readonly returns: number }) =>
    `Every one of ${counted(count, 'client')} of ${service} that came back after its time-out was sent to the endpoint of before; chance would do so once in ${1 / alpha}.`,
  RULES_WITHOUT_AFFINITY: (difference: Difference) =>
    `The rules do not bind clients as asked: ${differenceWords(difference)}.`,
  CLIENTS_KEPT: ({ services, kept, moved, freed }: Counts) =>
    `${counted(kept, 'connection')} to ${listed(services)} came back in time to the endpoint of the one before; ${counted(moved, 'client')} moved, as the endpoint had gone, and ${freed} went elsewhere after the time-out.`,
})

/** PROXY-06 */
export const sticky = defineContract<Sticky>({
  id: 'PROXY-06',
  area: 'kube-proxy',
  promise:
    'With session affinity ClientIP a client goes to the same endpoint until its time-out is over, or until the endpoint has gone.',
  reference,
  stimulus: {
    needs: `${leastReturns} connections of clients that come back to a Service with session affinity in time, or enough that come back late`,
    find: stickyServices,
  },
  judge(recording, services) {
    const wrong = unbound(recording, new Set(services.map(({ service }) => service)))
    return wrong ?? services.map(breachOf).find((finding) => finding !== undefined) ?? keptFinding(services)
  },
})

function stickyServices(recording: Recording): Sticky[] {
  const byService = Map.groupBy(returns(recording), ({ now }) => now.service)
  return [...byService]
    .filter(([, all]) => all.filter(({ inTime }) => inTime).length >= leastReturns || isDecided(all))
    .map(([service, all]) => ({ service, all }))
}

/** Whether clients that are bound no more would all come back only by a chance that counts for none. */
function isDecided(all: readonly Return[]): boolean {
  return late(all).reduce((chance, { choices }) => chance / Math.max(1, choices), 1) <= alpha
}

const late = (all: readonly Return[]): readonly Return[] => all.filter((one) => one.late)
const isSame = ({ before, now }: Return): boolean => before.backend === now.backend

function breachOf({ service, all }: Sticky): Finding | undefined {
  const breach = all.find((one) => one.inTime && !isSame(one) && one.stayed && !one.forgotten)
  if (breach) return movedFinding(service, breach)
  const came = late(all)
  if (!isDecided(all) || came.some((one) => !isSame(one))) return undefined
  const evidence = came.flatMap(({ before, now }) => [before.record, now.record])
  return found.fail(
    'CLIENTS_STAY_BOUND',
    { service, returns: came.length },
    { observed: 'clients stay bound', evidence },
  )
}

function keptFinding(services: readonly Sticky[]): Finding {
  const all = services.flatMap((one) => one.all)
  const inTime = all.filter((one) => one.inTime)
  const kept = inTime.filter(isSame).length
  const values = {
    services: services.map(({ service }) => service),
    kept,
    moved: inTime.length - kept,
    freed: late(all).filter((one) => !isSame(one)).length,
  }
  return found.pass('CLIENTS_KEPT', values, {
    observed: `${kept} kept, ${values.moved} moved, ${values.freed} free again`,
    measured: 0,
    bound: { ...noException, source: `${noException.source}, within the timeoutSeconds of each Service` },
  })
}

function movedFinding(service: string, { before, now }: Return): Finding {
  return found.fail(
    'CLIENT_MOVED',
    { from: now.from, service, before: before.backend, now: now.backend, afterMs: now.at - before.at },
    {
      observed: 'a client moved',
      moments: [{ at: now.at, label: `a client on ${now.from} moved` }],
      evidence: [before.record, now.record],
    },
  )
}

/** Rules of a sticky Service that are wrong in the last look at a machine's rules, and were not right a moment ago. */
function unbound(recording: Recording, services: ReadonlySet<string>): Finding | undefined {
  const { looksOf } = proxyScene(recording)
  const { limit } = rulesFollow(recording)
  const last = new Map(judgedLooks(recording).map((look) => [look.machine, look]))
  for (const [machine, look] of last) {
    const wrong = looksOf
      .get(machine)
      ?.lags(look)
      .find(({ difference, oldMs = Infinity }) => oldMs > limit && isOf(difference, services))
    if (!wrong) continue
    const evidence = [look.record]
    return found.fail('RULES_WITHOUT_AFFINITY', { ...wrong.difference }, { observed: 'wrong rules', evidence })
  }
  return undefined
}

function isOf({ service }: Difference, services: ReadonlySet<string>): boolean {
  const [name = ''] = service.split(/[: ]/)
  return services.has(name)
}
