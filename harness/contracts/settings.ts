import { durationMs } from '../duration.ts'
import type { Recording } from '../judge/recording.ts'

/** A component's duration as it was live, and where that was read. */
export interface Setting {
  readonly ms: number
  readonly source: string
}

export interface SettingQuery {
  readonly component: string
  /** Only this machine's; else the longest of all machines, because a bound has to hold for each. */
  readonly machine?: string
  /** Name of the command-line flag, without dashes. */
  readonly flag?: string
  /** The end of its dotted path in /configz; upper and lower case are the same. */
  readonly path?: string
  /** What a bare number counts. */
  readonly bareUnit?: 'ms' | 's'
  /** The documented default. */
  readonly fallback: string
}

/**
 * A live setting: from the command line, else from /configz, else the documented default.
 * @throws HoldfastError HF_BAD_DURATION when a component tells something that is no duration
 */
export function setting(recording: Recording, query: SettingQuery): Setting {
  const { component, flag, path, bareUnit, fallback } = query
  const records = recording
    .of('config')
    .filter(
      (record) =>
        record.error === undefined &&
        record.component === component &&
        (query.machine ?? record.machine) === record.machine,
    )
  const found = [...new Set(records.map(({ machine }) => machine))].flatMap((machine): Setting[] => {
    const own = (source: string) => records.findLast((one) => one.machine === machine && one.source === source)?.values
    const onLine = flag === undefined ? undefined : own('command line')?.[flag]
    if (onLine !== undefined) {
      return [{ ms: durationMs(onLine, bareUnit), source: `--${flag}=${onLine} of ${component}@${machine}` }]
    }
    const served = path === undefined ? undefined : lookUp(own('/configz') ?? {}, path)
    if (served === undefined) return []
    return [{ ms: durationMs(served, bareUnit), source: `${path} ${served} in /configz of ${component}@${machine}` }]
  })
  const [longest] = found.sort((a, b) => b.ms - a.ms)
  if (longest) return longest
  return { ms: durationMs(fallback, bareUnit), source: `${flag ?? path} ${fallback}, the documented default` }
}

/** One value of /configz as text, by the end of its path, as it was told last. */
export function served(recording: Recording, component: string, path: string): string | undefined {
  for (const record of recording.of('config').toReversed()) {
    const value =
      record.error === undefined && record.component === component && record.source === '/configz'
        ? lookUp(record.values, path)
        : undefined
    if (value !== undefined) return value
  }
  return undefined
}

function lookUp(values: Readonly<Record<string, string>>, path: string): string | undefined {
  const wanted = path.toLowerCase()
  return Object.entries(values).find(([key]) => `.${key.toLowerCase()}`.endsWith(`.${wanted}`))?.[1]
}
