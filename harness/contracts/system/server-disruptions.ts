import type { RecordOf } from '../../record/records.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { apiCall } from '../bounds.ts'
import { serverExcuses } from './excuses.ts'
import { type Disruption, unexplained } from './disruption.ts'

/** API servers whose watches were broken, or that did not answer probes from outside of the cluster. */
export function serverDisruptions(recording: Recording): Disruption[] {
  return named(recording, 'control-plane').flatMap((machine) => {
    const excuses = serverExcuses(recording, machine)
    return [...brokenWatches(recording, machine), ...failedProbes(recording, machine)].flatMap(
      ({ evidence, ...time }) =>
        unexplained(time, excuses, apiCall.limit).map((part) => ({
          code: 'API_SERVER_SILENT',
          machine,
          component: 'kube-apiserver',
          ...part,
          delayMs: part.until - part.from - apiCall.limit,
          evidence,
        })),
    )
  })
}

interface Outage extends Interval {
  readonly evidence: Disruption['evidence']
}

/** When most of the resources could not be watched at an API server. Of a single one the reason may be its own. */
function brokenWatches(recording: Recording, machine: string): Outage[] {
  const { from, until } = span(recording)
  const watched = new Set(
    recording.of('mark').flatMap(({ source, resource }) => (source === machine ? [resource] : [])),
  )
  const gaps = recording
    .of('gap')
    .filter(
      ({ source, resource, ...gap }) =>
        source === machine && watched.has(resource) && gap.until > from && gap.at < until,
    )
  const edges = gaps
    .flatMap((gap) => [
      { at: gap.at, gap, opens: true },
      { at: gap.until, gap, opens: false },
    ])
    .sort((a, b) => a.at - b.at)
  const open = new Set<RecordOf<'gap'>>()
  const found: Outage[] = []
  let since: Outage | undefined
  for (const { at, gap, opens } of edges) {
    if (opens) open.add(gap)
    else open.delete(gap)
    const most = new Set([...open].map(({ resource }) => resource)).size * 2 > watched.size
    if (most) since ??= { from: at, until: at, evidence: [...open] }
    else if (since) {
      found.push({ ...since, until: Math.min(at, until) })
      since = undefined
    }
  }
  return found
}

/** From the first of several failed attempts in a row to the next that was answered. */
function failedProbes(recording: Recording, machine: string): Outage[] {
  const own = recording
    .of('attempt')
    .filter(
      ({ target, service, errorClass }) =>
        target === 'api-server' && service === `apiserver@${machine}` && errorClass !== 'rig',
    )
  const places = [...Map.groupBy(own, ({ from }) => from).values()]
  return places.flatMap((attempts) => {
    const found: Outage[] = []
    let failed: RecordOf<'attempt'>[] = []
    const close = (until: number): void => {
      const [first] = failed
      if (first && failed.length > 1) found.push({ from: first.at, until, evidence: [first] })
      failed = []
    }
    for (const attempt of attempts) {
      if (attempt.ok) close(attempt.at)
      else failed.push(attempt)
    }
    close(failed.at(-1)?.endedAt ?? -Infinity)
    return found
  })
}
