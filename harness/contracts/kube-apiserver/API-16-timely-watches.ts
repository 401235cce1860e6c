import { defineContract, type Finding } from '../../judge/contract.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named } from '../../judge/recording/cluster-facts.ts'
import { type WatchedSource, watchedSources, type WatchLag } from '../../judge/coverage/watch-lags.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { watchReport } from '../bounds.ts'
import { excusedTimes } from './server-faults.ts'

interface Missed {
  readonly source: string
  readonly change: string
  readonly changes: number
  readonly lagMs: number
}

const found = findings({
  WATCH_SILENT: ({ source, change, changes, lagMs }: Missed) =>
    `The API server on ${source} did not report ${counted(changes, 'change')} that another API server reported; ${change} was ${duration(lagMs)} old.`,
  WATCH_LATE: ({ source, change, changes, lagMs }: Missed) =>
    `The API server on ${source} reported ${change} ${duration(lagMs)} after another API server; ${counted(changes, 'change')} came after the bound.`,
  WATCH_TIMELY: ({ sources, changes, lagMs }: { sources: number; changes: number; lagMs: number }) =>
    `Each of ${counted(sources, 'API server')} reported all of ${counted(changes, 'change')}, at most ${duration(lagMs)} after another API server.`,
})

export const timelyWatches = defineContract<WatchedSource>({
  id: 'API-16',
  area: 'kube-apiserver',
  promise: 'Each API server reports every change to its watches at most 10 s after another API server.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/',
  stimulus: {
    needs: 'two API servers, and a change that one of them reported',
    find(recording) {
      const isChanged = recording.of('watch').some(({ event }) => event !== 'listed')
      return isChanged && named(recording, 'control-plane').length > 1 ? watchedSources(recording) : []
    },
  },
  judge(recording, sources) {
    const finding = gravest(sources, (source) => onSource(recording, source, sources.length))
    if (finding.status === 'pass') requireEachWatched(recording, sources)
    return finding
  },
})

/** A machine without any record was not watched: the recording is incomplete, and the API server is not at fault. */
function requireEachWatched(recording: Recording, sources: readonly WatchedSource[]): void {
  const watched = sources.map(({ source }) => source)
  const machines = named(recording, 'control-plane').filter((machine) => !watched.includes(machine))
  if (machines.length === 0) return
  throw new InconclusiveError(`No watch of ${machines.join(', ')} was recorded.`, 'NOT_WATCHED', { machines })
}

interface Judged extends WatchLag {
  /** The longest part of the lag that no declared fault explains. */
  readonly ms: number
}

function onSource(recording: Recording, { source, lags, until }: WatchedSource, sources: number): Finding {
  const excused = excusedTimes(recording, source)
  const judged = lags.map((lag): Judged => {
    const { change, caughtUpAt = until } = lag
    return { ...lag, ms: longestMs(without({ from: change.at, until: caughtUpAt }, excused)) }
  })
  const past = judged.filter(({ ms }) => ms > watchReport.limit)
  const timeOf = ({ change, caughtUpAt = until }: Judged): Interval => ({ from: change.at, until: caughtUpAt })
  const sure = past.filter((one) => !mayBeHost(recording, timeOf(one), one.ms - watchReport.limit))
  const never = past.filter(({ caughtUpAt }) => caughtUpAt === undefined)
  const [worst] = [never, sure, judged].find((some) => some.length > 0)?.toSorted((a, b) => b.ms - a.ms) ?? []
  const ms = worst?.ms ?? 0
  const details = { observed: `${duration(ms)} after another API server`, bound: watchReport }
  if (!worst || past.length === 0) {
    const kept = { sources, changes: judged.length, lagMs: Math.round(ms) }
    return found.pass('WATCH_TIMELY', kept, { ...details, measured: ms })
  }
  const { change } = worst
  const changes = never.length > 0 ? never.length : past.length
  const values = { source, change: nameOf(worst), changes, lagMs: Math.round(ms) }
  const evidence = [change]
  if (never.length > 0)
    return found.fail('WATCH_SILENT', values, { ...details, observed: 'nothing reported', evidence })
  if (!sure.includes(worst)) {
    const figures = { ...values, ...hostFigures(recording, timeOf(worst), ms) }
    throw new InconclusiveError(
      `${source} was late by ${duration(ms)}, and the host was late as well.`,
      'HOST_NOISE',
      figures,
    )
  }
  return found.late('WATCH_LATE', values, { ...details, measured: ms, evidence })
}

function nameOf({ change: { resource, namespace, name, event } }: WatchLag): string {
  return `${resource} ${namespace === '' ? name : `${namespace}/${name}`} ${event}`
}
