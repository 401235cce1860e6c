import { durationMs } from '../../common/duration.ts'
import type { RecordOf } from '../../record/records.ts'
import { defineContract } from '../../judge/contract.ts'
import { type FaultWindow, hitsComponent, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { recordedEnd, span } from '../../judge/recording/cluster-facts.ts'
import { counted } from '../../judge/verdict/format.ts'
import { restartExcuses } from './excuses.ts'
import { isExcused } from './disruption.ts'

type Reading = RecordOf<'config'>
type Settings = Reading['values']

interface Setting {
  readonly component: string
  readonly machine: string
  readonly setting: string
  readonly value: string
}

const found = findings({
  SETTINGS_STAY: ({ settings }: { readonly settings: number }) =>
    `${counted(settings, 'setting')} stayed as they were, alike on all machines of a role.`,
  FLAG_CHANGED: ({ component, machine, setting, before, value }: Setting & { readonly before: string }) =>
    `${setting} of ${component} on ${machine} changed from "${before}" to "${value}", and no declared fault changes it.`,
  FLAGS_DIFFER: ({
    component,
    machine,
    setting,
    value,
    other,
    otherValue,
  }: Setting & { readonly other: string; readonly otherValue: string }) =>
    `${setting} of ${component} is "${value}" on ${machine} and "${otherValue}" on ${other}.`,
  FLAG_NOT_AS_REQUESTED: ({
    component,
    machine,
    setting,
    value,
    requested,
  }: Setting & { readonly requested: string }) =>
    `${setting} of ${component} on ${machine} is "${value}"; the run requested "${requested}".`,
})

/** They start a component with other flags: it keeps their flags until its next start. */
const changesFlags = ['quota-alarm', 'wipe-member']

export const settingsStay = defineContract<Reading>({
  id: 'SYS-02',
  area: 'system',
  promise: 'Components run with the settings that the cluster was created with, alike on every machine of a role.',
  reference: 'https://kubernetes.io/docs/reference/command-line-tools-reference/',
  stimulus: { needs: 'the settings of a component, read as the scenario began', find: readingsOf },
  judge(recording, readings) {
    const read = readings.filter(({ error }) => error === undefined)
    const own = read.filter((reading) => !isChangedByFault(recording, reading))
    const first = changed(own) ?? differing(recording, own) ?? otherThanRequested(recording, own)
    if (first) return first
    requireBoth(recording, readings)
    const settings = new Set(
      read.flatMap(({ component, values }) => Object.keys(values).map((key) => `${component} ${key}`)),
    )
    return found.pass('SETTINGS_STAY', { settings: settings.size }, { observed: 'settings stayed' })
  },
})

/** What was read while the scenario ran: a scenario before may have changed what was read at the boot. */
function readingsOf(recording: Recording): readonly Reading[] {
  const { from } = span(recording)
  return recording.of('config').filter(({ at }) => at >= from)
}

function isChangedByFault(recording: Recording, { machine, component, at }: Reading): boolean {
  const hit = ({ fault, target, intentAt }: FaultWindow): boolean =>
    changesFlags.includes(fault) &&
    hitsComponent(target, component) &&
    target.machines.includes(machine) &&
    intentAt <= at
  return possibleFaults(recording).some(hit)
}

type Failure = ReturnType<typeof found.fail>

const ofOne = ({ machine, component, source }: Reading): string => `${machine} ${component} ${source}`

function changed(read: readonly Reading[]): Failure | undefined {
  for (const own of Map.groupBy(read, ofOne).values()) {
    for (const [n, after] of own.entries()) {
      const before = own[n - 1]
      const difference = before && differenceOf(unordered(before.values), unordered(after.values))
      if (!before || !difference) continue
      const { machine, component } = after
      const { setting, a, b } = difference
      const values = { component, machine, setting, before: a, value: b }
      return found.fail('FLAG_CHANGED', values, { observed: `${setting} changed`, evidence: [before, after] })
    }
  }
  return undefined
}

/** Compares the machines that run a component with the first of them; each one's own name and addresses count as alike. */
function differing(recording: Recording, read: readonly Reading[]): Failure | undefined {
  const machines = recording.of('cluster').at(-1)?.machines ?? []
  const names = machines.map(({ name }) => name).sort((a, b) => b.length - a.length)
  const latest = new Map(read.map((reading) => [ofOne(reading), reading]))
  const ofRole = Map.groupBy(latest.values(), (one) => `${one.component} ${one.source} ${rolesOf(recording, one)}`)
  for (const [first, ...others] of ofRole.values()) {
    for (const other of first ? others : []) {
      const difference = first && differenceOf(alike(first.values, names), alike(other.values, names))
      if (!first || !difference) continue
      const { machine, component } = other
      const { setting, a, b } = difference
      const values = { component, machine, setting, value: b, other: first.machine, otherValue: a }
      return found.fail('FLAGS_DIFFER', values, { observed: `${setting} differs`, evidence: [first, other] })
    }
  }
  return undefined
}

function rolesOf(recording: Recording, { machine }: Reading): string {
  const known = recording
    .of('cluster')
    .at(-1)
    ?.machines.find(({ name }) => name === machine)
  return known?.roles.join(' ') ?? ''
}

const addresses = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g

function alike(values: Settings, names: readonly string[]): Settings {
  const general = Object.entries(values).map(([key, value]) => [
    key,
    names.reduce((text, name) => text.replaceAll(name, '<machine>'), value.replaceAll(addresses, '<address>')),
  ])
  return unordered(Object.fromEntries(general) as Settings)
}

/** A component reports what it holds in a map as a list, in an order of its own after each start. */
function unordered(values: Settings): Settings {
  const lists = Map.groupBy(Object.entries(values), ([key]) => key.replaceAll(/\.\d+(?=\.|$)/g, '.*'))
  return Object.fromEntries(
    [...lists].map(([key, own]) => [
      key,
      own
        .map(([, value]) => value)
        .sort()
        .join(', '),
    ]),
  )
}

function differenceOf(a: Settings, b: Settings): { setting: string; a: string; b: string } | undefined {
  const setting = [...new Set([...Object.keys(a), ...Object.keys(b)])].find((key) => a[key] !== b[key])
  return setting === undefined ? undefined : { setting, a: a[setting] ?? '', b: b[setting] ?? '' }
}

function otherThanRequested(recording: Recording, read: readonly Reading[]): Failure | undefined {
  const requested = recording.of('cluster').at(-1)?.requested ?? {}
  for (const reading of read) {
    const { component, machine, values: live } = reading
    for (const [setting, wanted] of Object.entries(requested[component] ?? {})) {
      const value = live[setting]
      if (value === undefined || isSame(value, wanted)) continue
      const values = { component, machine, setting, value, requested: wanted }
      return found.fail('FLAG_NOT_AS_REQUESTED', values, { observed: `${setting} is ${value}`, evidence: [reading] })
    }
  }
  return undefined
}

/** `1m0s` is `60s`. */
function isSame(a: string, b: string): boolean {
  if (a === b) return true
  try {
    return durationMs(a) === durationMs(b)
  } catch {
    return false
  }
}

/** @throws InconclusiveError NOT_READ where something could not be read, or was read only once */
function requireBoth(recording: Recording, readings: readonly Reading[]): void {
  const excused = ({ at, error, machine, component }: Reading): boolean =>
    error !== undefined && isExcused(at, restartExcuses(recording, { machine, component }))
  const unread = readings.find((reading) => reading.error !== undefined && !excused(reading))
  // A machine that a fault took away is not known to have a component's second source.
  const single = [...Map.groupBy(readings, ofOne).values()].find((own) => own.length < 2 && !own.every(excused))
  const lacking = unread ?? (recordedEnd(recording)?.outcome === 'completed' ? single?.[0] : undefined)
  if (!lacking) return
  const { machine, component, error = 'it was read only once' } = lacking
  const values = { machine, component }
  throw new InconclusiveError(
    `The settings of ${component} on ${machine} could not be compared: ${error}.`,
    'NOT_READ',
    values,
  )
}
