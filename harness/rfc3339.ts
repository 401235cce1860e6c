const format = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/

/**
 * Milliseconds since 1970 of a time as Kubernetes writes it (`2026-01-01T00:00:00.123456Z`); NaN for other text. Pure, unlike
 * Date, of which the judge uses nothing.
 */
export function parseRfc3339(text: string): number {
  const match = format.exec(text)
  if (!match) return NaN
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
  return seconds * 1_000 + Number(`0.${match[7] ?? 0}`) * 1_000
}

/** Years that begin in March have their leap day last, so that all months before it count alike. */
function daysSince1970(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1
  const months = (month + 9) % 12
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return years * 365 + leapDays + Math.floor((153 * months + 2) / 5) + day - 719_469
}
