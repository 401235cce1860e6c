import { bindingRequests, bindings } from '../../judge/cluster/bindings.ts'
import { censusAround } from '../../judge/cluster/container-census.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import {
  type Down,
  certain,
  down,
  during,
  faultWindows,
  type Interval,
  timesWhen,
} from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { objects, type Pod, unplaceable } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { backlog } from '../bounds.ts'
import { type LeaderLoss, leaderLosses } from './leader-losses.ts'

interface Placement {
  readonly pods: number
  readonly outageMs: number
  readonly slowestMs: number
}

const found = findings({
  BOUND_WITHOUT_SCHEDULER: ({ bindings: bound }: { readonly bindings: readonly string[] }) =>
    `${listed(bound)} after the last scheduler had stopped.`,
  CONTAINERS_ENDED: ({ containers }: { readonly containers: readonly string[] }) =>
    `Without a scheduler ${listed(containers)} stopped running.`,
  POD_LEFT_WAITING: ({ pod, afterMs }: { readonly pod: string; readonly afterMs: number }) =>
    `${pod} had no Node ${duration(afterMs)} after a scheduler could place it.`,
  BACKLOG_PLACED: ({ pods, outageMs, slowestMs }: Placement) =>
    `${counted(pods, 'pod')} waited ${duration(outageMs)} for a scheduler and had Nodes within ${duration(slowestMs)}.`,
  BACKLOG_LATE: ({ slowestMs }: Placement) =>
    `The last waiting pod was placed ${duration(slowestMs)} after a scheduler could place it.`,
})

/** A time without a working scheduler, and the time at which one had to work again. */
type Wait = { readonly outage: Interval & { readonly fault: string } } | { readonly loss: LeaderLoss }

export const podsWait = defineContract<Wait>({
  id: 'SCHED-02',
  area: 'scheduler',
  promise:
    'Without a scheduler new pods wait and running pods continue; when a scheduler runs again, it places every waiting pod.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  stimulus: {
    needs: 'a pod that waits while all schedulers are down',
    find: (recording) => [
      ...outages(recording)
        .filter(({ until }) => waitingAt(recording, until).length > 0)
        .map((outage) => ({ outage })),
      ...leaderLosses(recording)
        .filter((loss) => overdueIn(recording, loss).length > 0)
        .map((loss) => ({ loss })),
    ],
  },
  judge: (recording, waits) =>
    gravest(waits, (wait) => ('outage' in wait ? onOutage(recording, wait.outage) : onLoss(recording, wait.loss))),
})

function onOutage(recording: Recording, outage: Interval & { readonly fault: string }): Finding {
  const fault = outage.fault
  const end = span(recording).until
  const due = { since: () => outage.until, until: end, fault, outage }
  const broken = firstBreach(
    () => boundWithout(recording, outage, fault),
    () => endedContainers(recording, outage, fault),
  )
  if (broken) return broken
  // A pod may have been placed while nothing was watched.
  requireWatched(recording, 'pods', outage.from, end)
  return placed(recording, waitingAt(recording, outage.until), due)
}

/** @throws InconclusiveError NOT_AUDITED where none of those that were recorded was granted, and some may be missing */
function boundWithout(recording: Recording, outage: Interval, fault: string): Finding | undefined {
  const bound = bindingRequests(recording).filter((one) => one.bound && during(certain(outage), one.at))
  if (bound.length === 0) {
    bindings(recording)
    return undefined
  }
  const texts = bound.map(({ pod, node, at }) => `${pod} was bound to ${node} ${duration(at - outage.from)}`)
  return found.fail(
    'BOUND_WITHOUT_SCHEDULER',
    { bindings: texts },
    { observed: `${counted(bound.length, 'binding')} without a scheduler`, fault },
  )
}

function endedContainers(recording: Recording, outage: Interval, fault: string): Finding | undefined {
  const { lost } = censusAround(recording, outage)
  if (lost.length === 0) return undefined
  const observed = `${counted(lost.length, 'container')} ended`
  return found.fail('CONTAINERS_ENDED', { containers: lost }, { observed, fault })
}

function onLoss(recording: Recording, loss: LeaderLoss): Finding {
  requireWatched(recording, 'pods', loss.from, loss.ableUntil)
  return placed(recording, overdueIn(recording, loss), {
    since: ({ bornAt }) => Math.max(bornAt, loss.from),
    until: loss.ableUntil,
    fault: loss.window.description,
    outage: { from: loss.from, until: loss.from },
  })
}

interface Due {
  /** When a scheduler could first place the pod. */
  readonly since: (life: Life<Pod>) => number
  /** Until when a scheduler could place it. */
  readonly until: number
  readonly fault: string
  readonly outage: Interval
}

function placed(recording: Recording, waiting: readonly Life<Pod>[], due: Due): Finding {
  const bound = backlog(recording)
  const { fault, outage } = due
  let slowestMs = 0
  let open: string | undefined
  for (const life of waiting) {
    const since = due.since(life)
    const at = life.first(({ spec }) => spec.nodeName !== undefined)?.at
    const afterMs = due.until - since
    if (at !== undefined && at <= due.until) slowestMs = Math.max(slowestMs, at - since)
    else if (afterMs > bound.limit) {
      return found.fail(
        'POD_LEFT_WAITING',
        { pod: life.name, afterMs },
        { observed: 'a pod left waiting', bound, fault },
      )
    } else open = life.name
  }
  if (open !== undefined && slowestMs <= bound.limit) {
    throw new InconclusiveError(`The recording ends before ${open} had to be placed.`, 'RECORDING_ENDS')
  }
  const outageMs = outage.until - outage.from
  return found.timed(
    { pass: 'BACKLOG_PLACED', late: 'BACKLOG_LATE' },
    { pods: waiting.length, outageMs, slowestMs },
    slowestMs,
    bound,
    {
      observed: `${counted(waiting.length, 'pod')} waited ${duration(outageMs)}, placed ${duration(slowestMs)} after`,
      fault,
      moments: [{ at: outage.until + slowestMs, label: 'backlog placed' }],
    },
  )
}

function outages(recording: Recording): (Interval & { readonly fault: string })[] {
  const schedulers = named(recording, 'control-plane')
  const downs: readonly Down[] = down(faultWindows(recording), 'kube-scheduler', schedulers)
  const fault = [...new Set(downs.map(({ window }) => window.description))].join('; ')
  return timesWhen(downs, (machines) => schedulers.every((machine) => machines.has(machine)))
    .filter(({ until }) => until < Infinity)
    .map((interval) => ({ ...interval, fault }))
}

/** Pods that a scheduler would have to place at a time. */
function waitingAt(recording: Recording, at: number): Life<Pod>[] {
  return objects(recording, 'pods').lives.filter((life) => {
    const pod = life.at(at)
    return pod !== undefined && pod.spec.nodeName === undefined && isPlaceable(pod) && !isDeclined(life)
  })
}

/**
 * Pods that were created while the leader was lost and another scheduler could take over, and that were not placed in
 * time.
 */
function overdueIn(recording: Recording, { from, ableUntil }: LeaderLoss): Life<Pod>[] {
  const { limit } = backlog(recording)
  return objects(recording, 'pods').lives.filter((life) => {
    const first = life.versions[0]?.object
    if (life.bornAt < from || !first || first.spec.nodeName !== undefined) return false
    const placedAt = life.first(({ spec }) => spec.nodeName !== undefined)?.at ?? Infinity
    return isPlaceable(first) && !isDeclined(life) && Math.min(placedAt, ableUntil) - life.bornAt > limit
  })
}

function isPlaceable({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined
}

/** A gated pod, or one that fits no Node, waits for a documented reason; the scheduler's last report counts. */
function isDeclined({ versions }: Life<Pod>): boolean {
  const last = versions.at(-1)
  return last !== undefined && last.object.spec.nodeName === undefined && unplaceable(last.object) !== undefined
}
