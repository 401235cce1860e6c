import type { RecordOf } from '../../record/records.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { overlaps } from '../../judge/faults/fault-windows.ts'
import { tenures } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { renewDeadline } from '../bounds.ts'
import { elected, restartExcuses } from './excuses.ts'
import { isExcused, type Disruption } from './disruption.ts'

type Reading = RecordOf<'processes'>

/** Linux counts a process's start in hundredths of a second since boot, whatever the kernel's own clock rate. */
const msPerTick = 10
/** By how much a process's start may lie outside of the two readings that it was found between. */
const clockErrorMs = 1_000

/** The readings of each component on each machine, oldest first, without those that failed. */
function readings(recording: Recording): readonly (readonly [Reading, ...Reading[]])[] {
  const read = recording.of('processes').filter(({ error }) => error === undefined)
  return [...Map.groupBy(read, ({ machine, component }) => `${machine} ${component}`).values()] as unknown as readonly [
    Reading,
    ...Reading[],
  ][]
}

export function processDisruptions(recording: Recording): Disruption[] {
  return readings(recording).flatMap((own) => [...seconds(own), ...(own[0].expected ? changes(recording, own) : [])])
}

/** More than one process of a component on one machine, or one where there is to be none. */
function seconds(own: readonly Reading[]): Disruption[] {
  const found = own.find(({ expected, instances }) => instances.length > (expected ? 1 : 0))
  if (!found) return []
  const { at, machine, component } = found
  return [{ code: 'SECOND_INSTANCE', machine, component, from: at, until: at, evidence: [found] }]
}

function changes(recording: Recording, own: readonly [Reading, ...Reading[]]): Disruption[] {
  const [first] = own
  const place = { machine: first.machine, component: first.within ?? first.component }
  const excuses = restartExcuses(recording, place)
  const base = { machine: first.machine, component: first.component }
  const missing = own
    .filter(({ at, instances }) => instances.length === 0 && !isExcused(at, excuses))
    .slice(0, 1)
    .map((reading) => ({
      ...base,
      code: 'COMPONENT_MISSING' as const,
      from: reading.at,
      until: reading.at,
      evidence: [reading],
    }))
  const restarts = own.slice(1).flatMap((after, n): Disruption[] => {
    const before = own[n]
    const time = before && restartBetween(before, after)
    if (!before || !time || excuses.some((excuse) => overlaps(excuse, time))) return []
    const led = { from: before.at, until: time.until }
    return [
      { ...base, ...lostLead(recording, first, led), code: 'COMPONENT_RESTARTED', ...time, evidence: [before, after] },
    ]
  })
  return [...missing, ...restarts]
}

/** A leader that could not renew its Lease in time ends, and so may one on a late host; no other process ends for that. */
function lostLead(recording: Recording, { machine, component }: Reading, time: Interval): { delayMs?: number } {
  const led =
    elected.includes(component) &&
    tenures(recording, component).some((one) => one.machine === machine && overlaps(one, time))
  return led ? { delayMs: renewDeadline(recording, component).limit } : {}
}

/** When a process that was found later began; undefined where the one from before still runs. */
function restartBetween(before: Reading, after: Reading): Interval | undefined {
  const known = new Set(before.instances.map(({ pid, startedAt }) => `${pid} ${startedAt}`))
  const fresh = after.instances.find(({ pid, startedAt }) => !known.has(`${pid} ${startedAt}`))
  // A second process beside the one from before is another finding.
  if (!fresh || after.instances.some(({ pid, startedAt }) => known.has(`${pid} ${startedAt}`))) return undefined
  const startedAt = Number(fresh.startedAt) * msPerTick
  const plausible = startedAt >= before.at - clockErrorMs && startedAt <= after.at + clockErrorMs
  return plausible ? { from: startedAt, until: startedAt + msPerTick } : { from: before.at, until: after.at }
}
