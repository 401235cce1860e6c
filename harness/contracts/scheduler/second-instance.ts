import type { RecordOf } from '../../record/records.ts'
import type { Binding } from '../../judge/cluster/bindings.ts'
import type { Finding } from '../../judge/contract.ts'
import { type FaultWindow, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Tenure } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { duration, listed } from '../../judge/verdict/format.ts'
import { inFlightMs } from './in-flight.ts'
import { schedulerLease } from './leader-losses.ts'

const found = findings({
  TWO_INSTANCES: ({ machine, holders }: { readonly machine: string; readonly holders: readonly string[] }) =>
    `Two instances on ${machine} held the Lease in turn: ${listed(holders)}.`,
  BOUND_TWICE: ({ issuer, pod, code }: { readonly issuer: string; readonly pod: string; readonly code: number }) =>
    `${issuer} requested to bind ${pod} again before its first request was ${duration(inFlightMs)} old (HTTP ${code}), although a scheduler binds a pod once.`,
})

/** A second scheduler on the leader's machine: detected by alternating Lease holders, or by the bindings of both. */
export function secondInstance(
  recording: Recording,
  terms: readonly Tenure[],
  own: readonly Binding[],
): Finding | undefined {
  return leadingInTurn(recording, terms) ?? boundTwice(recording, own)
}

/**
 * Two processes on one machine. An instance that loses the Lease ends. So an instance that holds it again after another
 * one of its machine had not ended, and with an unchanged process another one held the Lease.
 */
function leadingInTurn(recording: Recording, terms: readonly Tenure[]): Finding | undefined {
  for (const [n, term] of terms.entries()) {
    const before = terms.findLast(
      ({ machine, holder }, m) => m < n && machine === term.machine && holder !== term.holder,
    )
    if (!before) continue
    const again = terms.some(({ holder }, m) => m < terms.indexOf(before) && holder === term.holder)
    if (!again && !sameProcess(recording, before, term)) continue
    const { machine } = term
    return found.fail(
      'TWO_INSTANCES',
      { machine, holders: [before.holder, term.holder] },
      {
        observed: `two schedulers on ${machine}`,
        moments: [{ at: term.from, label: `another scheduler on ${machine} holds the Lease` }],
        evidence: processesOf(recording, machine),
      },
    )
  }
  return undefined
}

/**
 * Whether one process of the scheduler ran from before the last renewal of a tenure until after another tenure began.
 */
function sameProcess(recording: Recording, before: Tenure, after: Tenure): boolean {
  const readings = processesOf(recording, after.machine)
  const first = readings.findLast(({ at }) => at <= before.renewedAt - inFlightMs)
  const last = readings.find(({ at }) => at >= after.from)
  return (first?.instances ?? []).some(({ pid, startedAt }) =>
    last?.instances.some((one) => one.pid === pid && one.startedAt === startedAt),
  )
}

function processesOf(recording: Recording, machine: string): readonly RecordOf<'processes'>[] {
  return recording
    .of('processes')
    .filter((one) => one.component === schedulerLease && one.machine === machine && one.error === undefined)
}

/**
 * A scheduler decides on a pod once, and again only after its request failed: two requests at the same time come from
 * two instances.
 */
function boundTwice(recording: Recording, own: readonly Binding[]): Finding | undefined {
  for (const [n, binding] of own.entries()) {
    const first = own
      .slice(0, n)
      .find(
        ({ issuer, namespace, pod, endedAt, bound }) =>
          isSamePod(binding, { issuer, namespace, pod }) &&
          (bound ? binding.at < endedAt + inFlightMs : binding.at < endedAt),
      )
    if (!first || isAnother(recording, binding)) continue
    if (possibleFaults(recording).some((window) => mayHideAnswer(window, binding.at))) continue
    const { issuer = '', pod, code } = binding
    return found.fail(
      'BOUND_TWICE',
      { issuer, pod, code },
      {
        observed: `${pod} bound twice at a time from ${issuer}`,
        moments: [{ at: binding.at, label: `${pod} is bound again` }],
        evidence: [first.record, binding.record],
      },
    )
  }
  return undefined
}

/** Whether several pods had that name: each of them is bound once. */
function isAnother(recording: Recording, { namespace, pod }: Binding): boolean {
  return objects(recording, 'pods').named(namespace, pod).length > 1
}

function isSamePod(binding: Binding, other: Pick<Binding, 'issuer' | 'namespace' | 'pod'>): boolean {
  return binding.issuer === other.issuer && binding.namespace === other.namespace && binding.pod === other.pod
}

/** A client that did not receive an answer because of a fault may repeat its request. */
function mayHideAnswer({ intentAt, until, target }: FaultWindow, at: number): boolean {
  return intentAt <= at && at <= until + inFlightMs && target.component !== schedulerLease
}
