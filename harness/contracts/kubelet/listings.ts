import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { overlaps } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines, span } from '../../judge/recording/cluster-facts.ts'
import { requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import type { RecordOf } from '../../record/records.ts'
import { watchDelayMs } from '../bounds.ts'

export type Listing = RecordOf<'containers'>

/** The listings of the Nodes' runtimes during the scenario that have containers. */
export function listings(recording: Recording): Listing[] {
  const { from, until } = span(recording)
  const found = recording
    .of('containers')
    .filter(({ at, containers }) => from <= at && at <= until && containers.length > 0)
  return found.length === 0 ? [] : found.filter(({ machine }) => nodeMachines(recording).includes(machine))
}

/** The listings that can be compared with the API: a source watched pods when they were made. @throws InconclusiveError NOT_WATCHED */
export function comparable(recording: Recording, all: readonly Listing[]): readonly [Listing, ...Listing[]] {
  const blind = blindTimes(recording, 'pods')
  return requireNonEmpty(
    all.filter(({ at }) => !blind.some((one) => overlaps(one, { from: at - watchDelayMs, until: at }))),
    "No source watched pods when the Nodes' runtimes were listed.",
    'NOT_WATCHED',
  )
}
