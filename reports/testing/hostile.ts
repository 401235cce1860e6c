import type { JournalRecord } from '../../harness/record/records.ts'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'

/** Hostile text from a cluster: markup, a terminal escape, a direction mark, NUL, half a surrogate, the end of CDATA. */
export const hostile =
  '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>\u001b[31mred\u001b[0m\u202ereversed\u0000\ud800]]>&amp;'

/** Appends the hostile text to every free text of records or verdicts. Kinds, times and links between records stay. */
export function poisoned<T extends JournalRecord | Verdict>(values: readonly T[]): T[] {
  return values.map((value) => poison(value, '') as T)
}

const kept = new Set([
  'kind',
  'edge',
  'event',
  'outcome',
  'protocol',
  'resource',
  'status',
  'unit',
  'type',
  'startedAt',
  'namespace',
  'roles',
  'resourceVersion',
])

function poison(value: unknown, key: string): unknown {
  if (kept.has(key)) return value
  if (typeof value === 'string') return value + hostile
  if (Array.isArray(value)) return value.map((item) => poison(item, key))
  if (typeof value !== 'object' || value === null) return value
  const free = key === 'backends' || key === 'values' || key === 'versions' || key === 'facts'
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [free ? name + hostile : name, poison(item, name)]),
  )
}
