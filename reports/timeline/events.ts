import { z } from 'zod'
import type { RecordOf } from '../../harness/record/records.ts'
import { oneLine } from '../text/text.ts'
import { offset, within, type Lane, type Mark, type Window } from './model.ts'

const reference = z.object({ kind: z.string().optional(), name: z.string().optional() })
const eventSchema = z.object({
  type: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  note: z.string().optional(),
  involvedObject: reference.optional(),
  regarding: reference.optional(),
})

/** Warning events with one reason about one object. */
export interface Warning {
  readonly reason: string
  readonly about: string
  readonly message: string
  readonly moments: readonly number[]
}

/** Returns the Warning events of the window, without duplicates from several API servers, the most frequent first. */
export function warnings(watches: readonly RecordOf<'watch'>[], window: Window): Warning[] {
  const seen = new Set<string>()
  const found = new Map<string, { reason: string; about: string; message: string; moments: number[] }>()
  for (const { at, event, resource, uid, resourceVersion, object } of within(watches, window)) {
    if (resource !== 'events' || event === 'listed' || event === 'deleted') continue
    const { data } = eventSchema.safeParse(object)
    if (data?.type !== 'Warning' || seen.has(`${uid} ${resourceVersion}`)) continue
    seen.add(`${uid} ${resourceVersion}`)
    const subject = data.involvedObject ?? data.regarding ?? {}
    const about = `${subject.kind ?? 'object'} ${subject.name ?? ''}`.trim()
    const key = `${data.reason}\n${about}`
    const known = found.get(key)
    if (known) known.moments.push(at)
    else
      found.set(key, {
        reason: data.reason ?? 'Warning',
        about,
        message: oneLine(data.message ?? data.note ?? ''),
        moments: [at],
      })
  }
  return [...found.values()].toSorted((a, b) => b.moments.length - a.moments.length)
}

const closeMs = 120

/** Makes marks for the timeline; warnings at nearly the same time share one. */
export function warningLane(found: readonly Warning[], window: Window): Lane {
  const near = Math.max(closeMs, (window.end - window.start) / 100)
  const single = found
    .flatMap(({ reason, about, moments }) => moments.map((at) => ({ at, reason, about })))
    .toSorted((a, b) => a.at - b.at)
  const groups: (typeof single)[] = []
  for (const one of single) {
    const group = groups.at(-1)
    const first = group?.[0]
    if (group && first && one.at - first.at < near) group.push(one)
    else groups.push([one])
  }
  const marks = groups.flatMap((group): Mark[] => {
    const first = group[0]
    if (!first) return []
    const kinds = [...new Set(group.map(({ reason, about }) => `${reason} ${about}`))]
    const more = kinds.length > 4 ? ` and ${kinds.length - 4} more` : ''
    return [
      {
        at: first.at,
        tone: 'alarm',
        label: '',
        title: `${offset(first.at, window)}: ${group.length} × ${kinds.slice(0, 4).join(', ')}${more}`,
      },
    ]
  })
  return { name: 'warnings', spans: [], marks }
}
