import {
  type FaultWindow,
  type Interval,
  hitsComponent,
  overlaps,
  possibleFaults,
} from '../../judge/faults/fault-windows.ts'
import { keepsRules, mayBlindAll, mayLosePackets, mayStopProxy } from '../../judge/kube-proxy/proxy-faults.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { machines } from '../../judge/recording/cluster-facts.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { proxyRestart, rulesFollow } from '../bounds.ts'

/** A time in which a Node's rules may be behind, or may not be kube-proxy's. `until` includes the time to catch up. */
export interface Disturbance extends Interval {
  readonly window: FaultWindow
  /** The rules stay as they were and follow no change. */
  readonly behind: boolean
}

/**
 * A client retries a broken watch after at most 30 s plus a random time of the same length: fixed in client-go's
 * reflector.
 */
const longestRetryMs = 60_000
const firstRetryMs = 2_000

const known = new WeakMap<Recording, readonly FaultWindow[]>()

function faults(recording: Recording): readonly FaultWindow[] {
  const found = known.get(recording) ?? possibleFaults(recording)
  known.set(recording, found)
  return found
}

/**
 * Every fault, proven or not, that may keep a machine's rules from following its Services, in the order of the
 * recording.
 */
export function disturbances(recording: Recording, machine: string): Disturbance[] {
  const all = machines(recording)
  return faults(recording).flatMap((window) => {
    const blind = mayBlindAll(window, all)
    if (!blind && !mayStopProxy(window, machine)) return []
    const { intentAt } = window
    const ended = blind && window.permanent ? window.from + longestRetryMs : window.until
    const until = ended + catchUpMs(recording, window, ended)
    return [{ window, from: intentAt, until, behind: keepsRules(window, machine) }]
  })
}

/** A client doubles the pause between two retries, so the next retry comes within twice the duration of the fault. */
function catchUpMs(recording: Recording, { intentAt, target }: FaultWindow, ended: number): number {
  const { limit } = proxyRestart(recording)
  if (hitsComponent(target, 'kube-proxy')) return limit
  return limit + Math.min(longestRetryMs, firstRetryMs + 2 * (ended - intentAt))
}

/**
 * When another fault, at the same time or later, may change what a machine's rules do; Infinity without such a fault.
 */
export function disturbedAgain(recording: Recording, machine: string, { id, intentAt }: FaultWindow): number {
  const others = disturbances(recording, machine).filter(({ window }) => window.id !== id && window.until > intentAt)
  return Math.min(Infinity, ...others.map(({ from }) => Math.max(from, intentAt)))
}

/**
 * When no source watched Services and slices, until every change of that time is recorded and followed. @throws
 * InconclusiveError
 */
export function unknownTimes(recording: Recording): Interval[] {
  const { limit } = rulesFollow(recording)
  return ['services', 'endpointslices']
    .flatMap((resource) => blindTimes(recording, resource))
    .map(({ from, until }) => ({ from: from - limit, until: until + limit }))
}

/** Whether a fault other than `except` may have lost packets between the given machines in a time. */
export function packetsDisturbed(
  recording: Recording,
  time: Interval,
  places: readonly string[],
  except?: FaultWindow,
): boolean {
  const lossy = faults(recording).filter((window) => window.id !== except?.id && mayLosePackets(window, places))
  if (lossy.length === 0) return false
  const { limit } = rulesFollow(recording)
  return lossy.some(({ intentAt, until }) => overlaps({ from: intentAt, until: until + limit }, time))
}
