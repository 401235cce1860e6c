import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import type { Difference } from '../../judge/kube-proxy/rules/compare.ts'
import { formatDifference } from '../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { noException, rulesFollow } from '../bounds.ts'
import { judgedSnapshots, proxyFacts, reference } from './proxy-facts.ts'
import { type Return, returns } from './traffic/sticky-visits.ts'

/**
 * The largest chance that all clients return to their former endpoint after the timeout; below it they count as still
 * bound.
 */
const alpha = 0.001
/** Fewer clients may all reach one of three endpoints by chance, or miss a rule that is wrong for one of many. */
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
    `Every one of ${counted(count, 'client')} of ${service} that returned after its timeout was sent to its former endpoint; the probability of this by chance is at most 1 in ${1 / alpha}.`,
  RULES_WITHOUT_AFFINITY: (difference: Difference) =>
    `The rules do not implement the required session affinity: ${formatDifference(difference)}.`,
  CLIENTS_KEPT: ({ services, kept, moved, freed }: Counts) =>
    `${counted(kept, 'connection')} to ${listed(services)} within the timeout reached the former endpoint; ${counted(moved, 'client')} moved because the endpoint was removed, and ${freed} reached another one after the timeout.`,
})

export const sessionAffinity = defineContract<Sticky>({
  id: 'PROXY-06',
  area: 'kube-proxy',
  promise:
    'With session affinity ClientIP a client reaches the same endpoint until its timeout has passed or the endpoint is removed.',
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

/** Whether chance alone is too unlikely to return all clients without affinity to their former endpoints. */
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
    observed: `${kept} kept, ${values.moved} moved, ${values.freed} moved after the timeout`,
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

/** Rules of a sticky Service that are wrong in the last snapshot of a machine, and were not correct shortly before. */
function unbound(recording: Recording, services: ReadonlySet<string>): Finding | undefined {
  const { snapshotsOf } = proxyFacts(recording)
  const { limit } = rulesFollow(recording)
  const last = new Map(judgedSnapshots(recording).map((snapshot) => [snapshot.machine, snapshot]))
  for (const [machine, snapshot] of last) {
    const wrong = snapshotsOf
      .get(machine)
      ?.lags(snapshot)
      .find(({ difference, oldMs = Infinity }) => oldMs > limit && isOf(difference, services))
    if (!wrong) continue
    const evidence = [snapshot.record]
    return found.fail('RULES_WITHOUT_AFFINITY', { ...wrong.difference }, { observed: 'wrong rules', evidence })
  }
  return undefined
}

function isOf({ service }: Difference, services: ReadonlySet<string>): boolean {
  const [name = ''] = service.split(/[: ]/)
  return services.has(name)
}
