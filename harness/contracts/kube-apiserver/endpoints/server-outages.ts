import { down, type FaultWindow, faultWindows, type Interval } from '../../../judge/faults/fault-windows.ts'
import { machines, named, span } from '../../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { apiServersOf, faultsOf, membersOf } from '../../fault-effects.ts'
import { addressLeaves, addressReturns } from './address-bounds.ts'
import { type Listed, listedTimes } from './server-addresses.ts'

/** An API server that ended or returned while the rest of the control plane worked, until the bound. */
export interface Change {
  readonly machine: string
  readonly what: 'stopped' | 'crashed' | 'returned'
  /** From the event to when its address had to follow. */
  readonly due: Interval
  readonly bound: Bound
  readonly listed: readonly Listed[]
  /** Until the next change of that server, or the end of the recording. */
  readonly until: number
}

/** The changes whose effect on the list of addresses can be judged: no other fault explains a delay. */
export function serverChanges(recording: Recording): Change[] {
  const addresses = new Map(machines(recording).map(({ name, address }) => [name, address]))
  return down(faultWindows(recording), 'kube-apiserver', named(recording, 'control-plane')).flatMap(
    ({ machine, window }) => {
      const listed = listedTimes(recording, addresses.get(machine) ?? '')
      const changes = [ended(recording, window), returned(recording, window)]
      return changes
        .flatMap((change) => (change ? [{ ...change, machine, listed }] : []))
        .filter((change) => wasListed(window, change) && isJudgeable(recording, window, change))
    },
  )
}

type Timing = Omit<Change, 'machine' | 'listed'>

function ended(recording: Recording, window: FaultWindow): Timing {
  // A process with other components inside ends in another way.
  const isGraceful = window.fault === 'stop' && window.target.component === 'kube-apiserver'
  const from = isGraceful ? window.intentAt : window.from
  const bound = addressLeaves(recording, isGraceful)
  const due = { from, until: from + bound.limit }
  const until = Math.min(window.revertingAt ?? window.until, window.until, span(recording).until)
  return { what: isGraceful ? 'stopped' : 'crashed', due, bound, until }
}

function returned(recording: Recording, window: FaultWindow): Timing | undefined {
  if (window.until === Infinity) return undefined
  const bound = addressReturns()
  const due = { from: window.until, until: window.until + bound.limit }
  const later = relevantFaults(recording).flatMap(({ intentAt }) => (intentAt >= window.until ? [intentAt] : []))
  return { what: 'returned', due, bound, until: Math.min(span(recording).until, ...later) }
}

function wasListed({ intentAt }: FaultWindow, { listed }: Change): boolean {
  return listed.some(({ from, until }) => from <= intentAt && intentAt < until)
}

/** The time to follow is complete, or it followed earlier; and no other fault hit etcd or an API server meanwhile. */
function isJudgeable(recording: Recording, own: FaultWindow, change: Change): boolean {
  const needed = Math.min(change.due.until, followedAt(change) ?? Infinity)
  if (needed > change.until) return false
  const from = change.what === 'returned' ? change.due.from : own.intentAt
  return !relevantFaults(recording).some(
    ({ id, intentAt, until }) => id !== own.id && intentAt < needed && until > from,
  )
}

function relevantFaults(recording: Recording): FaultWindow[] {
  return faultsOf(recording, [...membersOf(recording), ...apiServersOf(recording)])
}

/** When the list followed and stayed so; undefined where it did not. */
export function followedAt({ what, listed, due, until }: Change): number | undefined {
  const last = listed.findLast((time) => time.until > due.from && time.from < until)
  if (what === 'returned') return last && last.until >= until ? Math.max(last.from, due.from) : undefined
  if (!last) return due.from
  return last.until < until ? last.until : undefined
}
