import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { RunFacts, ScenarioWindow } from './run-facts.ts'

/** One recording of a scenario with its verdicts. A planned scenario without a recording has verdicts and no window. */
export interface JudgedRecording {
  readonly scenario: string
  /** The scenario's name, with a number where there are several recordings: `drain-node (2)`. */
  readonly label: string
  /** Id of the recording's section on the page. */
  readonly anchor: string
  readonly window: ScenarioWindow | undefined
  readonly verdicts: readonly Verdict[]
}

/** Groups verdicts by recording (scenario and repetition), in the order of the run; verdicts without a recording come last. */
export function judgedRecordings(facts: Pick<RunFacts, 'scenarios'>, verdicts: readonly Verdict[]): JudgedRecording[] {
  const found = new Map<string, { scenario: string; nth: number; window?: ScenarioWindow; verdicts: Verdict[] }>()
  const recordingOf = (scenario: string, nth: number) => {
    const key = `${nth} ${scenario}`
    const recording = found.get(key) ?? { scenario, nth, verdicts: [] }
    found.set(key, recording)
    return recording
  }
  const number = counter()
  for (const window of facts.scenarios) recordingOf(window.name, number(window.name)).window = window
  for (const verdict of verdicts) {
    const { scenario, repetition = 1 } = verdict
    recordingOf(scenario, repetition).verdicts.push(verdict)
  }
  const repeated = new Set([...found.values()].flatMap(({ scenario, nth }) => (nth > 1 ? [scenario] : [])))
  return [...found.values()].map(({ scenario, nth, window, verdicts: own }, index) => ({
    scenario,
    label: `${scenario || 'no recording'}${repeated.has(scenario) ? ` (${nth})` : ''}`,
    anchor: `recording-${index + 1}-${scenario.replace(/[^\w-]/g, '_')}`,
    window,
    verdicts: own,
  }))
}

function counter(): (key: string) => number {
  const counts = new Map<string, number>()
  return (key) => {
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count
  }
}
