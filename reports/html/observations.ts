import type { VNode } from 'preact'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'
import { oneLine } from '../text/text.ts'
import { offset, type Window } from '../timeline/model.ts'
import { disclosed, table } from './details.ts'
import { el } from './element.ts'

const most = 200

/** Lists the scenario's waits. Unsatisfied waits come first and are visible without a click. */
export function observationList(observations: readonly RecordOf<'observation'>[], window: Window): VNode | null {
  if (observations.length === 0) return null
  const unsatisfied = observations.filter(({ satisfied }) => !satisfied)
  const rows = [...unsatisfied, ...observations.filter(({ satisfied }) => satisfied)]
    .slice(0, most)
    .map(({ at, condition, satisfied, afterMs, lastSeen }) => [
      offset(at, window),
      satisfied ? 'satisfied' : el('strong', null, 'not satisfied'),
      duration(afterMs),
      oneLine(condition),
      oneLine(lastSeen, 600),
    ])
  const left = observations.length - most
  return disclosed(
    unsatisfied.length > 0,
    'Waits for the cluster',
    unsatisfied.length > 0 ? `${observations.length}, ${unsatisfied.length} not satisfied` : `${observations.length}`,
    table(['>Start', 'Result', '>Duration', 'Condition', 'Last observed'], rows),
    left > 0 ? el('p', { class: 'soft' }, `${left} more are in journal.ndjson.`) : null,
  )
}
