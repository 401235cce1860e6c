import { HoldfastError } from './errors.ts'

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** A Node.js timer with a longer delay fires at once. */
export const longestTimerMs = 2 ** 31 - 1

/**
 * Parses a duration in Go's format (`1m30s`, `100ms`), or a bare number in `bareUnit`. Returns milliseconds.
 * @throws HoldfastError HF_BAD_DURATION
 */
export function durationMs(text: string, bareUnit?: 'ms' | 's'): number {
  if (bareUnit && /^\d+(\.\d+)?$/.test(text)) return Number(text) * (units[bareUnit] ?? 1)
  if (text === '0') return 0
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new HoldfastError('HF_BAD_DURATION', `Invalid duration "${text}": expected a number with a unit.`, {
      hint: 'Write it in the format of Go, for example 1m30s or 250ms.',
      exitCode: 64,
    })
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0)
}
