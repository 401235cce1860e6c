import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { RunFacts, ScenarioWindow } from '../facts/run-facts.ts'
import { duration } from '../text/figures.ts'
import { oneLine } from '../text/text.ts'
import { warningLane, warnings, type Warning } from './events.ts'
import { faultLane, faultSpans, type FaultSpan } from './faults.ts'
import { leaderLanes } from './leader-lanes.ts'
import { clip, offset, within, type Lane, type LaneGroup, type Mark, type Window } from './model.ts'
import { nodeLanes } from './nodes.ts'
import { probeLanes, writeLanes } from './traffic.ts'

/** Content of one scenario's timeline. */
export interface Timeline {
  readonly window: ScenarioWindow
  readonly faults: readonly FaultSpan[]
  readonly warnings: readonly Warning[]
  readonly groups: readonly LaneGroup[]
}

/** Builds the timelines of all scenarios, in the order of the run. Leaders and Nodes are followed through the whole run. */
export function timelines(facts: RunFacts, verdicts: readonly Verdict[]): Timeline[] {
  const until = facts.run.at + facts.durationMs
  const leaders = leaderLanes(facts.whole, until)
  const nodes = nodeLanes(facts.whole, until)
  return facts.scenarios.map((scenario) => {
    const { whole } = facts
    const faults = faultSpans(whole.of('fault'), scenario)
    const found = warnings(whole.of('watch'), scenario)
    const groups = [
      {
        heading: 'scenario',
        lanes: [stepLane(facts, scenario), waitLane(facts, scenario), momentLane(verdicts, scenario)],
      },
      { heading: 'faults', lanes: [faultLane(faults, scenario)] },
      { heading: 'leaders', lanes: inWindow(leaders, scenario) },
      { heading: 'nodes', lanes: inWindow(nodes, scenario) },
      { heading: 'probes', lanes: probeLanes(whole.of('attempt'), scenario) },
      { heading: 'writes', lanes: writeLanes(whole.of('write'), scenario) },
      { heading: 'events', lanes: [warningLane(found, scenario), gapLane(facts, scenario)] },
    ]
    return {
      window: scenario,
      faults,
      warnings: found,
      groups: groups.map(withoutEmpty).filter(({ lanes }) => lanes.length > 0),
    }
  })
}

function stepLane({ whole }: RunFacts, window: Window): Lane {
  const marks = within(whole.of('step'), window).map(({ at, name }): Mark => ({
    at,
    tone: 'note',
    label: oneLine(name, 60),
    title: `${offset(at, window)}: ${oneLine(name)}`,
  }))
  return { name: 'steps', spans: [], marks }
}

/** One mark at the end of each wait. Only waits that were not satisfied have a label. */
function waitLane({ whole }: RunFacts, window: Window): Lane {
  const marks = within(whole.of('observation'), window).map(({ at, condition, satisfied, afterMs, lastSeen }): Mark => {
    const result = `${satisfied ? 'satisfied' : 'not satisfied'} after ${duration(afterMs)}`
    return {
      at: Math.min(at + afterMs, window.end),
      tone: satisfied ? 'note' : 'alarm',
      label: satisfied ? '' : oneLine(`not satisfied: ${condition}`, 60),
      title: `${offset(at, window)}: ${oneLine(condition)}: ${result}; last observed: ${oneLine(lastSeen)}`,
    }
  })
  return { name: 'waits', spans: [], marks }
}

function momentLane(verdicts: readonly Verdict[], scenario: ScenarioWindow): Lane {
  const marks = verdicts
    .filter((verdict) => verdict.scenario === scenario.name)
    .flatMap(({ contract, status, moments }) =>
      within(moments, scenario).map(({ at, label }): Mark => {
        const tone = status === 'pass' || status === 'not-exercised' ? 'note' : 'alarm'
        return {
          at,
          tone,
          label: oneLine(`${contract} ${label}`, 60),
          title: `${offset(at, scenario)}: ${contract} (${status}): ${oneLine(label)}`,
        }
      }),
    )
  return { name: 'verdicts', spans: [], marks: marks.toSorted((a, b) => a.at - b.at) }
}

/** Shows where data is missing: no events there does not mean no changes. */
function gapLane({ whole }: RunFacts, window: Window): Lane {
  const gaps = whole.of('gap').map(({ at, until, source, resource, reason }) => ({
    from: at,
    to: until,
    tone: 'part' as const,
    label: '',
    title: `${offset(at, window)}: no data about ${resource} from ${source}: ${oneLine(reason)}`,
  }))
  const spans = clip(gaps, window)
  // All watches of a source are cut at the same time and share one span.
  const together = Map.groupBy(spans, ({ from }) => Math.round(from / 250))
  return {
    name: 'missing data',
    marks: [],
    spans: [...together.values()].flatMap((same) => {
      const first = same[0]
      return first
        ? [
            {
              ...first,
              to: Math.max(...same.map(({ to }) => to)),
              title: same.length > 1 ? `${first.title} (and ${same.length - 1} more)` : first.title,
            },
          ]
        : []
    }),
  }
}

function inWindow(lanes: readonly Lane[], window: Window): Lane[] {
  return lanes.map((lane) => ({ ...lane, spans: clip(lane.spans, window) }))
}

function withoutEmpty(group: LaneGroup): LaneGroup {
  return { ...group, lanes: group.lanes.filter(({ spans, marks }) => spans.length > 0 || marks.length > 0) }
}
