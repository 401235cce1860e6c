import type { FaultTarget, RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'

/** A time interval in milliseconds on the journal's clock; `until` is Infinity where it never ends. */
export interface Interval {
  readonly from: number
  readonly until: number
}

/**
 * A fault that was in force. Its effect began between `intentAt` and `from` (the proof of effect), and lasted until
 * `until` (the proof of its end).
 */
export interface FaultWindow extends Interval {
  readonly id: string
  readonly fault: string
  readonly target: FaultTarget
  readonly intentAt: number
  /** When its revert began; undefined where the recording does not state it. */
  readonly revertingAt?: number | undefined
  readonly permanent: boolean
  /** Whether the supervisor restarted the process at once: it was never down for long. */
  readonly restarted: boolean
  /** "kill kube-scheduler@control-plane1" */
  readonly description: string
  /** Why contracts can't rest on it, where its effect or its end lacks proof. */
  readonly doubt: string | undefined
  /** Its records, in the order of the journal. */
  readonly records: readonly RecordOf<'fault'>[]
}

/** A fault may have ended this long before the proof of its end: that time does not count as in force. */
const edgeMs = 1_000

/** Every fault that was proven at both ends, in the order of effect. Stimuli may rest on these. */
export function faultWindows(recording: Recording): FaultWindow[] {
  const all = possibleFaults(recording)
  return recording.trustsFaults ? all : all.filter(({ doubt }) => doubt === undefined)
}

/** Every fault that may have been in force, proven or not. These may excuse the cluster. */
export function possibleFaults(recording: Recording): FaultWindow[] {
  const lives = Map.groupBy(recording.of('fault'), ({ id }) => id)
  return [...lives.values()].map(windowOf).sort((a, b) => a.from - b.from)
}

function windowOf(records: readonly RecordOf<'fault'>[]): FaultWindow {
  const edge = (wanted: RecordOf<'fault'>['edge']): RecordOf<'fault'> | undefined =>
    records.find((one) => one.edge === wanted)
  const [first] = records as readonly [RecordOf<'fault'>]
  const [injected, healed, unproven] = [edge('injected'), edge('healed'), edge('unproven')]
  const { id, fault, target } = injected ?? first
  const description = formatFault(fault, target)
  const intentAt = edge('intent')?.at ?? first.at
  return {
    id,
    fault,
    target,
    intentAt,
    from: injected?.at ?? intentAt,
    until: (healed ?? unproven)?.at ?? Infinity,
    revertingAt: healed?.revertingAt,
    permanent: records.some(({ permanent }) => permanent === true),
    restarted: injected?.evidence.some(({ facts }) => facts['stays'] === false) ?? false,
    description: description,
    doubt: doubtOf(records, description),
    records,
  }
}

/** Why a fault is not proven: docs/architecture.md describes the life cycle. */
function doubtOf(records: readonly RecordOf<'fault'>[], description: string): string | undefined {
  const edges = (wanted: RecordOf<'fault'>['edge']): readonly RecordOf<'fault'>[] =>
    records.filter(({ edge }) => edge === wanted)
  const fault = `The fault "${description}"`
  const [intents, injections, ends] = [edges('intent'), edges('injected'), edges('healed')]
  const [intent, injected, healed] = [intents[0], injections[0], ends[0]]
  if (edges('unproven').length > 0) return `${fault} has no proof of effect.`
  if (!injected) return `${fault} has an intent, but no record proves its effect.`
  if (!intent) return `${fault} is recorded as injected without an intent.`
  if ([intents, injections, ends].some((own) => own.length > 1)) return `${fault} has the same record twice.`
  if (intent.at > injected.at) return `${fault} is recorded as injected before its intent.`
  if (injected.evidence.length === 0) return `${fault} is recorded as injected without evidence.`
  if (!healed) return records.some(({ permanent }) => permanent) ? undefined : `${fault} has no proof of its end.`
  if (healed.at < injected.at) return `${fault} is recorded as healed before it was injected.`
  if (healed.evidence.length === 0) return `${fault} is recorded as healed without evidence.`
  return healed.evidence.some(({ facts }) => facts['early'] === true)
    ? `${fault} ended before it was reverted.`
    : undefined
}

/** A fault as text that fits a table cell. */
export function formatFault(fault: string, { machines, component, cut, pods }: FaultTarget): string {
  if (pods) return `${fault} ${pods.selector} in ${pods.namespace}`
  if (cut) {
    const others = new Set(cut.flatMap(({ from, to }) => [from, to]).filter((name) => !machines.includes(name)))
    return `${fault} ${machines.join(', ')} from ${[...others].join(', ')}`
  }
  return `${fault} ${machines.map((machine) => (component ? `${component}@${machine}` : machine)).join(', ')}`
}

/** Whether a fault hits this component's process, directly or because the component is a part of that process. */
export function hitsComponent({ component: hit, along = [] }: FaultTarget, component: string): boolean {
  return hit === component || along.includes(component)
}

/** Faults that take every component of a machine down: an unplugged machine runs on and reaches nothing. */
const machineFaults = [
  'lose-machine',
  'kill-machine',
  'power-off',
  'freeze-machine',
  'restart-machine',
  'unplug-machine',
]

export interface Down extends Interval {
  readonly machine: string
  readonly window: FaultWindow
}

/** When a component was not running, for each of its `hosts`. A lost machine takes all of its components down. */
export function down(windows: readonly FaultWindow[], component: string, hosts: readonly string[]): Down[] {
  const takes = ({ fault, target, restarted }: FaultWindow): boolean =>
    !restarted &&
    (hitsComponent(target, component)
      ? ['kill', 'stop', 'pause'].includes(fault)
      : target.component === undefined && machineFaults.includes(fault))
  return windows
    .filter(takes)
    .flatMap((window) =>
      window.target.machines
        .filter((machine) => hosts.includes(machine))
        .map((machine) => ({ machine, window, from: window.from, until: window.until })),
    )
}

/** The times in which the machines that are down satisfy `holds`, for example "all" or "a majority". */
export function timesWhen(downs: readonly Down[], holds: (machines: ReadonlySet<string>) => boolean): Interval[] {
  const times = [...new Set(downs.flatMap(({ from, until }) => [from, until]))].sort((a, b) => a - b)
  const found: Interval[] = []
  let from: number | undefined
  for (const time of times) {
    const machines = new Set(downs.filter((one) => during(one, time)).map(({ machine }) => machine))
    if (holds(machines)) from ??= time
    else if (from !== undefined) {
      found.push({ from, until: time })
      from = undefined
    }
  }
  if (from !== undefined) found.push({ from, until: Infinity })
  return found
}

/** The part of a fault window in which the fault was certainly in force: it may have ended when its revert began. */
export function certain({
  from,
  until,
  revertingAt,
}: Interval & { readonly revertingAt?: number | undefined }): Interval {
  return { from, until: Math.max(from, Math.min(until - edgeMs, revertingAt ?? Infinity)) }
}

export function during({ from, until }: Interval, at: number): boolean {
  return from <= at && at < until
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.from < b.until && b.from < a.until
}
