import { durationMs } from '../common/duration.ts'
import type { Recording } from '../judge/recording/recording.ts'

/** A component's live duration, and its source. */
export interface Setting {
  readonly ms: number
  readonly source: string
}

export interface SettingQuery {
  readonly component: string
  /** Only this machine's value. Default: the longest of all machines, because a bound applies to each of them. */
  readonly machine?: string
  /** Name of the command-line flag, without dashes. */
  readonly flag?: string
  /** The end of its dotted path in /configz, case-insensitive. */
  readonly path?: string
  /** The unit of a bare number. */
  readonly bareUnit?: 'ms' | 's'
  /** The documented default. */
  readonly fallback: string
}

/** One machine's live value. `ms` is NaN where the value is not a duration. */
export interface Reading extends Setting {
  readonly machine: string
  readonly value: string
}

/**
 * A setting of each machine whose configuration was read: from the command line, else from /configz, else the default.
 */
export function readings(recording: Recording, query: SettingQuery): Reading[] {
  const { component, flag, path, bareUnit, fallback } = query
  const records = recording
    .of('config')
    .filter(
      (record) =>
        record.error === undefined &&
        record.component === component &&
        (query.machine ?? record.machine) === record.machine,
    )
  return [...new Set(records.map(({ machine }) => machine))].flatMap((machine): Reading[] => {
    const own = (source: string) => records.findLast((one) => one.machine === machine && one.source === source)?.values
    const reading = (value: string, source: string): Reading[] => [
      { machine, value, ms: msOf(value, bareUnit), source: `${source} of ${component}@${machine}` },
    ]
    const onLine = flag === undefined ? undefined : own('command line')?.[flag]
    if (onLine !== undefined) return reading(onLine, `--${flag}=${onLine}`)
    const read = own(path === undefined ? 'command line' : '/configz')
    const value = read && path !== undefined ? valueAt(read, path) : undefined
    if (value !== undefined) return reading(value, `${path} ${value} in /configz`)
    return read ? reading(fallback, `${flag ?? path} ${fallback}, the documented default`) : []
  })
}

/**
 * A live setting: the longest of all machines, else the documented default. NaN where a machine's value is not a
 * duration.
 */
export function setting(recording: Recording, query: SettingQuery): Setting {
  const { flag, path, bareUnit, fallback } = query
  const found = readings(recording, query)
  const [longest] = found.sort((a, b) => (Number.isNaN(a.ms) ? -1 : b.ms - a.ms))
  if (longest) return longest
  return { ms: durationMs(fallback, bareUnit), source: `${flag ?? path} ${fallback}, the documented default` }
}

function msOf(text: string, bareUnit?: 'ms' | 's'): number {
  try {
    return durationMs(text, bareUnit)
  } catch {
    return NaN
  }
}

/** The mode in which kube-proxy runs. */
export function proxyMode(recording: Recording): string {
  return served(recording, 'kube-proxy', 'mode') || 'iptables'
}

/** The last recorded value of /configz as text, by the end of its path. */
export function served(recording: Recording, component: string, path: string): string | undefined {
  for (const record of recording.of('config').toReversed()) {
    const value =
      record.error === undefined && record.component === component && record.source === '/configz'
        ? valueAt(record.values, path)
        : undefined
    if (value !== undefined) return value
  }
  return undefined
}

function valueAt(values: Readonly<Record<string, string>>, path: string): string | undefined {
  const wanted = path.toLowerCase()
  return Object.entries(values).find(([key]) => `.${key.toLowerCase()}`.endsWith(`.${wanted}`))?.[1]
}
