import type { VNode } from 'preact'
import { phaseRows } from '../facts/fault-phases.ts'
import { counted, duration } from '../text/figures.ts'
import type { JudgedRecording } from '../facts/judged-recordings.ts'
import type { RunFacts } from '../facts/run-facts.ts'
import { countStatuses, statusOrder } from '../text/statuses.ts'
import { oneLine } from '../text/text.ts'
import { offset, within } from '../timeline/model.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { balance } from './svg/balance.ts'
import { commands } from './commands.ts'
import { details, table } from './details.ts'
import { el } from './element.ts'
import { legend } from './legend.ts'
import { observationList } from './observations.ts'
import { badge } from './promises.ts'
import { timelineSvg } from './svg/timeline-svg.ts'

const mostMoments = 200
const mostWarnings = 60
const mostEdges = 120

/** Draws one scenario: its outcome, its timeline (with a legend below the first), and the evidence. */
export function scenarioSection(
  facts: RunFacts,
  timeline: Timeline,
  { label, anchor, verdicts }: JudgedRecording,
  explained: boolean,
): VNode {
  const scenario = timeline.window
  const counts = countStatuses(verdicts)
  const tally = statusOrder
    .filter((status) => counts[status] > 0)
    .map((status) => el('span', { class: 'tally' }, badge(status), ` ${counts[status]}`))
  return el(
    'section',
    { id: anchor },
    el('h2', null, label),
    el(
      'p',
      { class: 'soft' },
      `${scenario.outcome ?? 'end not recorded'}, ${duration(scenario.end - scenario.start)}, ${counted(timeline.faults.length, 'fault')}`,
      ...tally,
    ),
    ending(scenario),
    el('div', { class: 'wide' }, timelineSvg(timeline, label), explained ? legend() : null),
    observationList(within(facts.whole.of('observation'), scenario), scenario),
    momentList(timeline),
    faultList(timeline),
    edgeList(facts, timeline),
    watchList(facts, timeline),
    warningList(timeline),
    ...commands(within(facts.whole.of('command'), scenario)),
    balance(within(facts.whole.of('sample'), scenario)),
  )
}

/** Shows why the scenario ended, where that was recorded. */
function ending({ reason, where }: Timeline['window']): VNode | null {
  if (!reason && !where) return null
  return el('p', null, where ? el('code', null, where) : null, where && reason ? ': ' : '', oneLine(reason, 900))
}

/** Lists the steps and the verdicts' moments as text, for screen readers. */
function momentList({ groups, window }: Timeline): VNode | null {
  const marks = groups
    .filter(({ heading }) => heading === 'scenario')
    .flatMap(({ lanes }) =>
      lanes.flatMap(({ name, marks: own }) => (name === 'waits' ? [] : own.map((mark) => ({ ...mark, lane: name })))),
    )
  if (marks.length === 0) return null
  const rows = marks
    .toSorted((a, b) => a.at - b.at)
    .slice(0, mostMoments)
    .map(({ at, label, lane }) => [offset(at, window), lane === 'steps' ? 'step' : 'verdict', label])
  return details('Steps and verdicts in order of time', String(marks.length), table(['>Time', 'Kind', 'Event'], rows))
}

function faultList({ faults, window }: Timeline): VNode | null {
  if (faults.length === 0) return null
  const rows = faults.map(({ description, from, to, proven, ended, evidence }) => [
    offset(from, window),
    description,
    proven
      ? ended === 'healed'
        ? `healed after ${duration(to - from)}`
        : ended === 'permanent'
          ? 'permanent'
          : 'not healed'
      : 'effect not proven',
    evidence.join('; ') || 'none',
  ])
  return details(
    'Faults and their evidence',
    String(faults.length),
    table(['>Start', 'Fault', 'End', 'Evidence'], rows),
  )
}

/** Lists metrics of components and connection counts of kernels that changed around each fault. */
function edgeList({ whole }: RunFacts, { faults, window }: Timeline): VNode | null {
  const rows = phaseRows(within(whole.of('metrics'), window), within(whole.of('conntrack'), window))
  if (rows.length === 0) return null
  const names = new Map(faults.map((fault) => [fault.id, fault.description]))
  return details(
    'Changes around the faults',
    `${rows.length}, from /metrics of components and connection tracking of kernels`,
    table(
      ['Fault', 'Source', 'Metric', 'Before', 'During', 'After'],
      rows
        .slice(0, mostEdges)
        .map(({ fault, where, what, values }) => [
          names.get(fault) ?? fault,
          where,
          what,
          values.before,
          values.effect,
          values.healed,
        ]),
    ),
    rows.length > mostEdges
      ? el('p', { class: 'soft' }, `${rows.length - mostEdges} more are in journal.ndjson.`)
      : null,
  )
}

/** Compares the recorder's watches with the changes that etcd stored. */
function watchList({ watches }: RunFacts, { window }: Timeline): VNode | null {
  const rows = watches.filter(({ at }) => at === window.start)
  if (rows.length === 0) return null
  const lost = rows.reduce((sum, { dropped, doubled }) => sum + dropped + doubled, 0)
  return details(
    'Watches compared with etcd',
    lost === 0 ? 'no event lost or duplicated' : `${counted(lost, 'event')} lost or duplicated`,
    table(
      ['API server', '>Stored in etcd', '>Lost', '>Duplicated', '>In recorded gaps', '>Unconfirmed at the end'],
      rows.map(({ source, stored, dropped, doubled, inGaps, unconfirmed }) => [
        source,
        stored,
        dropped,
        doubled,
        inGaps,
        unconfirmed,
      ]),
    ),
  )
}

function warningList({ warnings, window }: Timeline): VNode | null {
  if (warnings.length === 0) return null
  const rows = warnings
    .slice(0, mostWarnings)
    .map(({ reason, about, message, moments }) => [
      offset(moments[0] ?? window.start, window),
      moments.length,
      reason,
      about,
      message,
    ])
  const total = warnings.reduce((sum, { moments }) => sum + moments.length, 0)
  const left = warnings.length - mostWarnings
  return details(
    'Warning events',
    `${total}`,
    table(['>First', '>Count', 'Reason', 'Object', 'Message'], rows),
    left > 0 ? el('p', { class: 'soft' }, `${counted(left, 'more kind')} of warnings in journal.ndjson.`) : null,
  )
}
