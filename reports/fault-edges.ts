import type { RecordOf } from '../harness/record/records.ts'

type Moment = RecordOf<'metrics'>['moment']

/** Something that a component or a kernel told differently before a fault, while it was in force and after it. */
export interface EdgeRow {
  /** The fault's `id`. */
  readonly fault: string
  readonly where: string
  readonly what: string
  /** In words, at each look; '' where nobody looked. */
  readonly told: Readonly<Record<Moment, string>>
}

const moments = ['before', 'effect', 'healed'] as const
const startOf = 'process_start_time_seconds'
/** What goes on all the time says nothing by being another. */
const restless =
  /^(process_(cpu|resident)|etcd_disk|etcd_server_proposals_(committed|pending)|apiserver_(current|audit_event)|kubeproxy_.*_timestamp|scheduler_schedule_attempts)/

/** What differs between the looks at a fault: of each component what it told, of each kernel how many flows it knew. */
export function edgeRows(
  metrics: readonly RecordOf<'metrics'>[],
  conntrack: readonly RecordOf<'conntrack'>[],
): EdgeRow[] {
  const looks = Map.groupBy(metrics, ({ fault, machine, component }) => `${fault} ${machine} ${component}`)
  const ofComponents = [...looks.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const at = (moment: Moment) => own.find((one) => one.moment === moment)
    const series = new Set(own.flatMap(({ values }) => Object.keys(values)))
    const silent = own.some(({ error }) => error !== undefined)
    // One that did not answer is told once, by its process.
    const shown = [...series].filter((name) => !restless.test(name) && (!silent || name === startOf))
    return (silent && !series.has(startOf) ? [startOf, ...shown] : shown).map((name) => ({
      fault: first.fault,
      where: `${first.component}@${first.machine}`,
      what: name === startOf ? 'process' : name,
      told: name === startOf ? processes(at) : numbers(at, name),
    }))
  })
  const flows = Map.groupBy(conntrack, ({ fault, machine }) => `${fault} ${machine}`)
  const ofKernels = [...flows.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const told = by((moment) => String(own.find((one) => one.moment === moment)?.flows ?? ''))
    return [{ fault: first.fault, where: first.machine, what: 'flows in connection tracking', told }]
  })
  const differs = ({ told }: EdgeRow): boolean =>
    new Set(moments.map((moment) => told[moment]).filter(Boolean)).size > 1
  return [...ofComponents, ...ofKernels].filter(differs)
}

type Look = RecordOf<'metrics'> | undefined

function processes(at: (moment: Moment) => Look): Record<Moment, string> {
  const known = at('before')?.values[startOf]
  return by((moment) => {
    const look = at(moment)
    if (!look) return ''
    const started = look.values[startOf]
    if (started === undefined) return 'no answer'
    return known !== undefined && started !== known ? 'another' : 'answers'
  })
}

function numbers(at: (moment: Moment) => Look, name: string): Record<Moment, string> {
  return by((moment) => {
    const look = at(moment)
    // A component leaves out what it has not counted yet.
    return look ? String(look.values[name] ?? 0) : ''
  })
}

function by(word: (moment: Moment) => string): Record<Moment, string> {
  return { before: word('before'), effect: word('effect'), healed: word('healed') }
}
