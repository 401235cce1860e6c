import type { RecordOf } from '../../harness/record/records.ts'

type Moment = RecordOf<'metrics'>['moment']

/** One metric that differs between before, during and after a fault. */
export interface PhaseRow {
  /** The fault's `id`. */
  readonly fault: string
  readonly where: string
  readonly what: string
  /** As text; '' where there is no snapshot. */
  readonly values: Readonly<Record<Moment, string>>
}

const moments = ['before', 'effect', 'healed'] as const
const startOf = 'process_start_time_seconds'
/** Metrics that change without any fault. */
const alwaysChanging =
  /^(process_(cpu|resident)|etcd_disk|etcd_server_proposals_(committed|pending)|apiserver_(current|audit_event)|kubeproxy_.*_timestamp|scheduler_schedule_attempts)/

/** Compares the snapshots of each fault: metrics of components, and the number of tracked connections of kernels. */
export function phaseRows(
  metrics: readonly RecordOf<'metrics'>[],
  conntrack: readonly RecordOf<'conntrack'>[],
): PhaseRow[] {
  const snapshots = Map.groupBy(metrics, ({ fault, machine, component }) => `${fault} ${machine} ${component}`)
  const ofComponents = [...snapshots.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const at = (moment: Moment) => own.find((one) => one.moment === moment)
    const series = new Set(own.flatMap(({ values }) => Object.keys(values)))
    const silent = own.some(({ error }) => error !== undefined)
    // A component that did not answer has one row: its process.
    const shown = [...series].filter((name) => !alwaysChanging.test(name) && (!silent || name === startOf))
    return (silent && !series.has(startOf) ? [startOf, ...shown] : shown).map((name) => ({
      fault: first.fault,
      where: `${first.component}@${first.machine}`,
      what: name === startOf ? 'process' : name,
      values: name === startOf ? processes(at) : numbers(at, name),
    }))
  })
  const flows = Map.groupBy(conntrack, ({ fault, machine }) => `${fault} ${machine}`)
  const ofKernels = [...flows.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const values = by((moment) => String(own.find((one) => one.moment === moment)?.flows ?? ''))
    return [{ fault: first.fault, where: first.machine, what: 'connection tracking entries', values }]
  })
  const differs = ({ values }: PhaseRow): boolean =>
    new Set(moments.map((moment) => values[moment]).filter(Boolean)).size > 1
  return [...ofComponents, ...ofKernels].filter(differs)
}

type Snapshot = RecordOf<'metrics'> | undefined

function processes(at: (moment: Moment) => Snapshot): Record<Moment, string> {
  const known = at('before')?.values[startOf]
  return by((moment) => {
    const snapshot = at(moment)
    if (!snapshot) return ''
    const started = snapshot.values[startOf]
    if (started === undefined) return 'no answer'
    return known !== undefined && started !== known ? 'new process' : 'answers'
  })
}

function numbers(at: (moment: Moment) => Snapshot, name: string): Record<Moment, string> {
  return by((moment) => {
    const snapshot = at(moment)
    // A component omits counters that are still zero.
    return snapshot ? String(snapshot.values[name] ?? 0) : ''
  })
}

function by(text: (moment: Moment) => string): Record<Moment, string> {
  return { before: text('before'), effect: text('effect'), healed: text('healed') }
}
