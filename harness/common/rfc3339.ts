const format = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/

/**
 * Converts a timestamp of Kubernetes (`2026-01-01T00:00:00.123456Z`) to milliseconds since 1970; NaN for other text. The judge
 * must be pure and does not use Date.
 */
export function parseRfc3339(text: string): number {
  const match = format.exec(text)
  if (!match) return NaN
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
  return seconds * 1_000 + Number(`0.${match[7] ?? 0}`) * 1_000
}

/** Counts years from March: the leap day comes last, and the months before it have fixed lengths. */
function daysSince1970(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1
  const months = (month + 9) % 12
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return years * 365 + leapDays + Math.floor((153 * months + 2) / 5) + day - 719_469
}
