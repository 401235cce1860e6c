import { describe, expect, test } from 'vitest'
import { start } from '../../../judge/testing/cluster-facts.ts'
import type { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import { placing, type Placing } from './testing/placing.ts'

interface Preempting {
  /** When the urgent pod gets its Node; undefined: never. It is declined at 2.5 s. */
  readonly placedAt?: number
  readonly victim?: object
  readonly others?: readonly Placing[]
  readonly urgent?: object
  readonly budget?: boolean
  readonly gap?: boolean
}

const requests = { containers: [{ resources: { requests: { cpu: '3' } } }], terminationGracePeriodSeconds: 1 }
const only = { nodeSelector: { 'kubernetes.io/hostname': 'worker3' } }
const marked = [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }]
const declined = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]

/** worker3 is full, and a pod of priority 100 needs it. */
function verdict({
  placedAt,
  victim = { priority: 0 },
  others = [],
  urgent = {},
  budget = false,
  gap = false,
}: Preempting) {
  const spec = { ...requests, ...victim }
  const journal = placing([...others, { name: 'victim', node: 'worker3', at: 1_500, spec }], (builder) => {
    const own = { ...requests, ...only, priority: 100, ...urgent }
    if (budget) guard(builder)
    const add = (t: number, name: string, object: object, event?: 'added' | 'deleted') =>
      void builder.object(t, 'pods', builder.namespace, name, { metadata: { labels: { app: 'a' } }, ...object }, event)
    add(2_400, 'urgent', { spec: own, status: { phase: 'Pending' } }, 'added')
    add(2_500, 'urgent', { spec: own, status: { phase: 'Pending', conditions: declined } })
    for (const source of gap ? ['control-plane1', 'control-plane2'] : []) {
      builder.add(2_600, { kind: 'gap', source, resource: 'pods', until: start + 2_700, reason: 'cut' })
    }
    if (placedAt === undefined) return
    builder.binding(placedAt - 10, 'urgent', 'worker3', 'control-plane1')
    add(placedAt, 'urgent', { spec: { ...own, nodeName: 'worker3' }, status: { phase: 'Pending' } })
  })
  const state = { metadata: { labels: { app: 'a' } }, spec: { ...spec, nodeName: 'worker3' } }
  return verdictOf('SCHED-12', withVictim(journal, { ...state, status: { phase: 'Running', conditions: marked } }))
}

/** The last state of the victim carries the mark of its preemption, reported at 2.55 s. */
function withVictim(journal: ReturnType<typeof placing>, object: object): ReturnType<typeof placing> {
  const last = journal.findLast((one) => one.kind === 'watch' && one.name === 'victim')
  if (last?.kind !== 'watch') throw new Error('the sample has no victim')
  const record = last
  const state = { ...record, at: start + 2_550, resourceVersion: '99999', object: { ...object } }
  return [...journal.slice(0, -1), state, ...journal.slice(-1)]
}

function guard(builder: JournalBuilder): void {
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'a' } } }
  const status = { disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1 }
  builder.object(1_700, 'poddisruptionbudgets', builder.namespace, 'b', { metadata: {}, spec, status }, 'added')
}

describe('SCHED-12', () => {
  test('passes for a pod that is placed after a pod of lower priority', () => {
    expect(verdict({ placedAt: 4_500 })).toMatchObject({
      status: 'pass',
      code: 'PREEMPTED',
      measured: 2_000,
      bound: { limit: 16_000 },
      values: { pod: 'hf-worked-example/urgent', node: 'worker3', victims: 1, guarded: 0 },
    })
  })

  test('counts victims whose budget allowed no disruption', () => {
    expect(verdict({ placedAt: 4_500, budget: true })).toMatchObject({ status: 'pass', values: { guarded: 1 } })
  })

  test('fails for a pod that is never placed, and is late for one that is placed after the bound', () => {
    expect(verdict({})).toMatchObject({
      status: 'fail',
      code: 'NOT_PREEMPTED',
      values: { pod: 'hf-worked-example/urgent', afterMs: 17_500 },
    })
    expect(verdict({ placedAt: 19_500 })).toMatchObject({ status: 'late', code: 'PREEMPTED_LATE', measured: 17_000 })
  })

  test('is inconclusive where the recording ends before the bound', () => {
    expect(verdict({ victim: { terminationGracePeriodSeconds: 60 } })).toMatchObject({
      status: 'inconclusive',
      code: 'RECORDING_ENDS',
    })
  })

  test('fails for a victim of higher priority', () => {
    const low = { name: 'low', node: 'worker3', at: 1_400, spec: requests }
    const containers = [{ resources: { requests: { cpu: '1' } } }]
    expect(verdict({ placedAt: 4_500, others: [low], victim: { priority: 200, containers } })).toMatchObject({
      status: 'fail',
      code: 'VICTIM_NOT_LOWER',
      values: { victim: 'victim', priority: 200, own: 100 },
    })
  })

  test('does not judge a pod that may not preempt, has no higher priority, or fits no Node', () => {
    const exempt = [{ preemptionPolicy: 'Never' }, { priority: 0 }, { nodeSelector: { disk: 'none' } }]
    for (const urgent of exempt) expect(verdict({ urgent }).code).toBe('STIMULUS_ABSENT')
  })

  test('is inconclusive where no source watched the pods', () => {
    expect(verdict({ placedAt: 4_500, gap: true })).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})
