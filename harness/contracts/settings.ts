import { HoldfastError } from '../errors.ts'
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
    .filter((record) => record.component === component && (query.machine ?? record.machine) === record.machine)
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

/** One value of /configz as text, by the end of its path. */
export function served(recording: Recording, component: string, path: string): string | undefined {
  for (const record of recording.of('config')) {
    const value =
      record.component === component && record.source === '/configz' ? lookUp(record.values, path) : undefined
    if (value !== undefined) return value
  }
  return undefined
}

function lookUp(values: Readonly<Record<string, string>>, path: string): string | undefined {
  const wanted = path.toLowerCase()
  return Object.entries(values).find(([key]) => `.${key.toLowerCase()}`.endsWith(`.${wanted}`))?.[1]
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * Reads a duration as Go writes it (`1m30s`, `100ms`), or a bare number in `bareUnit`. Milliseconds.
 * @throws HoldfastError HF_BAD_DURATION
 */
export function durationMs(text: string, bareUnit?: 'ms' | 's'): number {
  if (bareUnit && /^\d+(\.\d+)?$/.test(text)) return Number(text) * (units[bareUnit] ?? 1)
  if (text === '0') return 0
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new HoldfastError('HF_BAD_DURATION', `"${text}" is no duration.`, {
      hint: 'A configuration record holds durations as Go writes them, for example 1m30s.',
    })
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0)
}
