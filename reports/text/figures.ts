import type { Bound, Verdict } from '../../harness/judge/verdict/verdict.ts'

/** Formats a duration: `812 ms`, `14.2 s`, `60 s`, `2 min 05 s`, `1 h 03 min`. */
export function duration(ms: number): string {
  const size = Math.abs(ms)
  const sign = ms < 0 ? '-' : ''
  if (size < 999.5) return `${sign}${size < 10 && size % 1 !== 0 ? size.toFixed(1) : Math.round(size)} ms`
  if (size < 99_950) return `${sign}${(size / 1000).toFixed(1).replace(/\.0$/, '')} s`
  const seconds = Math.round(size / 1000)
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  const minutes = Math.round(seconds / 60)
  return `${sign}${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** Formats a value in its bound's unit. */
function figure(value: number, unit: Bound['unit']): string {
  if (unit === 'ms') return duration(value)
  if (unit === 'p-value') return `p = ${probability(value)}`
  return Number.isInteger(value) ? String(value) : value.toPrecision(3)
}

export function probability(p: number): string {
  if (p !== 0 && p < 0.001) return p.toExponential(1)
  return String(Number(p.toPrecision(3)))
}

/**
 * Formats a bound with its direction. A bound has no direction of its own: the measured value and the margin give it. Without
 * them only durations (at most) and p-values (at least) are certain.
 */
export function boundText(verdict: Verdict): string {
  const { bound, measured, margin } = verdict
  if (!bound) return ''
  const number =
    bound.unit === 'ms'
      ? duration(bound.limit)
      : bound.unit === 'p-value'
        ? probability(bound.limit)
        : figure(bound.limit, 'count')
  const value = bound.unit === 'p-value' ? `p ${side()} ${number}` : `${side()} ${number}`
  return value.trim()

  function side(): string {
    if (bound?.unit === 'ms') return '≤'
    if (bound?.unit === 'p-value') return '≥'
    if (bound === undefined || measured === undefined || margin === undefined || measured === bound.limit) return ''
    return margin >= 0 === measured > bound.limit ? '≥' : '≤'
  }
}

/** Formats a margin: `83 %`, at most `100 %`; '' without a bound. Rounding never hides a breach: only exactly zero gives `0 %`. */
export function marginText(margin: number | undefined): string {
  if (margin === undefined || !Number.isFinite(margin)) return ''
  const percent = Math.min(1, margin) * 100
  const rounded = margin > 0 ? Math.max(1, Math.floor(percent)) : Math.floor(percent)
  return `${rounded} %`
}

/** Formats a count with its noun: `1 pod`, `2 pods`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
