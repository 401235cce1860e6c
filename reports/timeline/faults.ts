import type { FaultTarget, RecordOf } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'
import { within, offset, type Lane, type Span, type Window } from './model.ts'

/** When a fault was active. */
export interface FaultSpan {
  readonly id: string
  readonly description: string
  /** When the injection began. A drain takes effect only some time later. */
  readonly begun: number
  readonly from: number
  readonly to: number
  readonly proven: boolean
  readonly ended: 'healed' | 'permanent' | 'never'
  readonly evidence: readonly string[]
}

/** "kill kube-scheduler@control-plane1", "partition etcd2 | etcd1, etcd3", "drain worker1". */
function formatFault(fault: string, target: FaultTarget): string {
  const machines = target.machines.join(', ')
  if (target.component) return `${fault} ${target.component}@${machines}`
  if (!target.cut || target.cut.length === 0) return `${fault} ${machines}`
  const ends = target.cut.flatMap(({ from, to }) => [from, to])
  const others = [...new Set(ends)].filter((machine) => !target.machines.includes(machine))
  return `${fault} ${machines} | ${others.join(', ')}`
}

export function faultSpans(records: readonly RecordOf<'fault'>[], window: Window): FaultSpan[] {
  const lives = Map.groupBy(within(records, window), ({ id }) => id)
  return [...lives.values()].flatMap((edges) => {
    const first = edges[0]
    if (!first) return []
    const edge = (name: RecordOf<'fault'>['edge']) => edges.find((record) => record.edge === name)
    const injected = edge('injected')
    const healed = edge('healed')
    const permanent = edges.some((record) => record.permanent)
    return [
      {
        id: first.id,
        description: formatFault(first.fault, first.target),
        begun: first.at,
        from: (injected ?? first).at,
        to: healed?.at ?? window.end,
        proven: injected !== undefined && !edge('unproven'),
        ended: healed ? ('healed' as const) : permanent ? ('permanent' as const) : ('never' as const),
        evidence: edges.flatMap((record) => record.evidence.map(({ proves }) => proves)),
      },
    ]
  })
}

/** An injection that takes longer than this has a span of its own. */
const slowMs = 500

export function faultLane(faults: readonly FaultSpan[], window: Window): Lane {
  const spans = faults.flatMap((fault): Span[] => {
    const end =
      fault.ended === 'permanent'
        ? 'permanent'
        : fault.ended === 'healed'
          ? `healed after ${duration(fault.to - fault.from)}`
          : 'not healed'
    const doubt = fault.proven ? '' : ', effect not proven'
    const proof = fault.evidence.length > 0 ? `; ${fault.evidence.join('; ')}` : ''
    const inForce: Span = {
      from: fault.from,
      to: fault.to,
      tone: fault.proven ? 'fault' : 'doubt',
      label: `${fault.description}${doubt}`,
      title: `${fault.description}${doubt}: from ${offset(fault.from, window)}, ${end}${proof}`,
    }
    if (fault.from - fault.begun < slowMs) return [inForce]
    const title = `${fault.description}: injection from ${offset(fault.begun, window)} took ${duration(fault.from - fault.begun)}`
    return [{ from: fault.begun, to: fault.from, tone: 'note', label: '', title }, inForce]
  })
  return { name: 'active', spans, marks: [] }
}
