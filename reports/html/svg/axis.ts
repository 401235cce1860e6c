/** Steps of an axis in seconds. An axis has about ten ticks, at round values. */
const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]

export function ticks(seconds: number, most = 10): number[] {
  const step = steps.find((candidate) => seconds / candidate <= most) ?? Math.ceil(seconds / most / 3600) * 3600
  const count = Math.floor(seconds / step + 1e-9)
  return Array.from({ length: count + 1 }, (_, index) => Math.round(index * step * 10) / 10)
}

/** `0 s`, `+40 s`, `+2:30`. */
export function tickText(seconds: number): string {
  if (seconds === 0) return '0 s'
  if (seconds < 100) return `+${seconds} s`
  return `+${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`
}
