import { probeOf } from '../../harness/judge/coverage/probe-gaps.ts'
import type { RecordOf } from '../../harness/record/records.ts'
import { mergedSpans } from './outages.ts'
import { within, type Lane, type Window } from './model.ts'

/** Makes one lane for each probe (and each Service, where there are several). */
export function probeLanes(attempts: readonly RecordOf<'attempt'>[], window: Window): Lane[] {
  const inside = within(attempts, window)
  const several = new Set(inside.map(({ service }) => service)).size > 1
  const probes = Map.groupBy(
    inside,
    (attempt) => `${probeOf(attempt)}${several ? ` ${attempt.service.split('/').at(-1)}` : ''}`,
  )
  return named(probes, (list) =>
    mergedSpans(
      list.map(({ at, ok, error }) => ({ at, ok, why: error ?? '' })),
      window,
    ),
  )
}

/** Makes one lane for each server that the writers used. */
export function writeLanes(writes: readonly RecordOf<'write'>[], window: Window): Lane[] {
  const servers = Map.groupBy(within(writes, window), ({ via }) => via)
  return named(servers, (list) =>
    mergedSpans(
      list.map(({ at, outcome, error }) => ({ at, ok: outcome === 'acked', why: error ?? outcome })),
      window,
    ),
  )
}

function named<T>(groups: Map<string, T[]>, spans: (list: T[]) => Lane['spans']): Lane[] {
  return [...groups]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, list]) => ({ name, spans: spans(list), marks: [] }))
}
