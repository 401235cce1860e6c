// NOTE TO THE AUTHOR OF harness/judge: the lead overwrote this file by mistake at 13:21, thinking nobody was writing here. Rewrite it as you had it (or adapt); this is your area again.
import type { RecordOf } from '../record/records.ts'
import type { Recording } from './recording.ts'

/** A fault in force. `from` is when it was about to be done, `proven` when it had bitten, `to` when it had been undone (Infinity: never). */
export interface FaultWindow {
  readonly id: string
  readonly fault: string
  readonly machines: readonly string[]
  readonly component: string
  readonly from: number
  readonly proven: number
  /** When undoing it began is not recorded: an effect may end a little before. */
  readonly to: number
}

export interface FaultQuery {
  readonly fault?: string
  readonly component?: string
  readonly machine?: string
}

/** The proven faults of a recording, in the order in which they were injected. */
export function faultWindows(recording: Recording, query: FaultQuery = {}): FaultWindow[] {
  const faults = recording.of('fault')
  const edge = (id: string, what: RecordOf<'fault'>['edge']): RecordOf<'fault'> | undefined =>
    faults.find((record) => record.id === id && record.edge === what)
  return faults
    .filter(({ edge }) => edge === 'injected')
    .map((injected) => ({
      id: injected.id,
      fault: injected.fault,
      machines: injected.target.machines,
      component: injected.target.component ?? '',
      from: edge(injected.id, 'intent')?.at ?? injected.at,
      proven: injected.at,
      to: edge(injected.id, 'healed')?.at ?? Number.POSITIVE_INFINITY,
    }))
    .filter(
      (window) =>
        (query.fault === undefined || window.fault === query.fault) &&
        (query.component === undefined || window.component === query.component) &&
        (query.machine === undefined || window.machines.includes(query.machine)),
    )
}

/** Times in which faults hit at least `count` machines at once: both schedulers, a majority of etcd. */
export function together(windows: readonly FaultWindow[], count: number): { from: number; to: number }[] {
  const edges = [...new Set(windows.flatMap(({ proven, to }) => [proven, to]))].sort((a, b) => a - b)
  const hit = (at: number): number =>
    new Set(windows.filter(({ proven, to }) => proven <= at && at < to).flatMap(({ machines }) => machines)).size
  const spans: { from: number; to: number }[] = []
  for (const [n, from] of edges.entries()) {
    const to = edges[n + 1]
    if (to === undefined || hit(from) < count) continue
    const last = spans.at(-1)
    if (last?.to === from) last.to = to
    else spans.push({ from, to })
  }
  return spans
}

/** "kill kube-scheduler@control-plane1", for people. */
export function describeFault({ fault, component, machines }: Pick<FaultWindow, 'fault' | 'component' | 'machines'>): string {
  return `${fault} ${component ? `${component}@` : ''}${machines.join(', ')}`
}
