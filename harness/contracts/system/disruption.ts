import type { Interval } from '../../judge/faults/fault-windows.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { JournalRecord } from '../../record/records.ts'

/** In the order in which they are reported: causes before what follows from them. */
export const disruptionCodes = [
  'SECOND_INSTANCE',
  'COMPONENT_MISSING',
  'COMPONENT_RESTARTED',
  'MEMBER_SILENT',
  'MEMBER_WITHOUT_LEADER',
  'API_SERVER_SILENT',
  'NODE_NOT_READY',
  'LEADER_CHANGED',
] as const

/** Something that was down, restarted or passed on, and that no declared fault accounts for. */
export interface Disruption extends Interval {
  readonly code: (typeof disruptionCodes)[number]
  readonly machine: string
  readonly component: string
  /** The delay that explains it: its time-out, or what it is over its bound. Undefined where no delay of the host does. */
  readonly delayMs?: number
  readonly evidence: readonly JournalRecord[]
}

/** The parts of what was observed that are longer than allowed once the excused times are taken out. */
export function unexplained(time: Interval, excuses: readonly Interval[], allowedMs: number): Interval[] {
  return without(time, excuses).filter(({ from, until }) => until - from > allowedMs)
}

export function isExcused(at: number, excuses: readonly Interval[]): boolean {
  return excuses.some(({ from, until }) => from <= at && at <= until)
}
