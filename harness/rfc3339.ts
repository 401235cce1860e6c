/** Milliseconds since 1970 of a time as Kubernetes writes it (`2026-01-01T00:00:00.123456Z`); NaN for other text. */
export function parseRfc3339(text: string): number {
  return Date.parse(text)
}
