import { describe, expect, test } from 'vitest'
import { nodeObject, nodes, start } from '../../judge/testing/cluster-facts.ts'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

/*
 * worker2 renews its Lease at 46 s for the last time and is lost at 50 s. It is Unknown at 97 s, tainted at 97.1 s and
 * 97.2 s, and out of the slices at 97.5 s. The recording ends at 120 s.
 */

const isLate = (record: JournalRecord, resource: string): boolean =>
  record.kind === 'watch' && record.resource === resource && record.at > start + 90_000

function delayed(ms: number, resource = 'nodes', before?: (builder: JournalBuilder) => void): JournalRecord[] {
  return edited(drainNode(before), 'watch', (record) =>
    isLate(record, resource) ? { ...record, at: record.at + ms } : record,
  )
}

function untold(resource: string, before?: (builder: JournalBuilder) => void): JournalRecord[] {
  return edited(drainNode(before), 'watch', (record) => (isLate(record, resource) ? undefined : record))
}

function endsAt(journal: readonly JournalRecord[], t: number): JournalRecord[] {
  return edited(journal, 'scenario', (record) => (record.edge === 'end' ? { ...record, at: start + t } : record))
}

/** Both controller managers are down from the loss until `until`. */
const withoutControllers =
  (until: number) =>
  (builder: JournalBuilder): void => {
    for (const machine of ['control-plane1', 'control-plane2']) {
      builder.fault(
        `x-${machine}`,
        'stop',
        { machines: [machine], component: 'kube-controller-manager' },
        50_500,
        until,
      )
    }
  }

describe('NODE-02', () => {
  test('counts from the last heartbeat', () => {
    expect(verdictOf('NODE-02', drainNode())).toMatchObject({
      status: 'pass',
      code: 'UNKNOWN_IN_TIME',
      values: { node: 'worker2', afterMs: 51_000 },
      fault: 'lose-machine worker2',
    })
  })

  test('fails for a Node that is marked Unknown too early', () => {
    expect(verdictOf('NODE-02', delayed(-3_000))).toMatchObject({
      status: 'fail',
      code: 'UNKNOWN_TOO_EARLY',
      values: { node: 'worker2', afterMs: 48_000 },
    })
  })

  test('fails for a Node that is marked Unknown while its kubelet renews its Lease', () => {
    const journal = drainNode((builder) => builder.object(30_000, 'nodes', '', 'worker3', nodeObject('Unknown')))
    expect(verdictOf('NODE-02', journal)).toMatchObject({
      status: 'fail',
      code: 'UNKNOWN_TOO_EARLY',
      values: { node: 'worker3', afterMs: 2_000 },
    })
  })

  test('counts from the renewal itself where the watch reported it late', () => {
    const lateWatch = edited(delayed(-1_500), 'watch', (record) =>
      record.resource === 'leases' && record.name === 'worker2' && record.at === start + 46_000
        ? { ...record, at: record.at + 2_000 }
        : record,
    )
    expect(verdictOf('NODE-02', lateWatch)).toMatchObject({ status: 'pass', code: 'UNKNOWN_IN_TIME' })
  })

  test('does not count a heartbeat just after the mark as one before it', () => {
    const journal = edited(
      drainNode((builder) => builder.renewals('worker2', 96_900, 96_900)),
      'watch',
      (record) => record,
    )
    expect(verdictOf('NODE-02', journal)).toMatchObject({ status: 'pass', values: { afterMs: 51_000 } })
  })

  test('is late where the mark took too long, and fails where it never came', () => {
    expect(verdictOf('NODE-02', delayed(10_000))).toMatchObject({
      status: 'late',
      code: 'UNKNOWN_LATE',
      measured: 61_000,
      bound: { limit: 60_000 },
    })
    expect(verdictOf('NODE-02', untold('nodes'))).toMatchObject({
      status: 'fail',
      code: 'NEVER_UNKNOWN',
      values: { node: 'worker2', afterMs: 74_000 },
    })
  })

  test('judges a silent Node without a fault in the journal', () => {
    const journal = edited(untold('nodes'), 'fault', () => undefined)
    expect(verdictOf('NODE-02', journal)).toMatchObject({ status: 'fail', code: 'NEVER_UNKNOWN' })
  })

  test('is not exercised where the Node comes back, or the recording ends, before the mark is due', () => {
    const back = untold('nodes', (builder) => builder.renewals('worker2', 100_000, 119_000))
    expect(verdictOf('NODE-02', back)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
    expect(verdictOf('NODE-02', endsAt(untold('nodes'), 104_000))).toMatchObject({ code: 'STIMULUS_ABSENT' })
  })

  test('counts from when a controller manager could detect the silence', () => {
    expect(verdictOf('NODE-02', untold('nodes', withoutControllers(100_000)))).toMatchObject({
      code: 'STIMULUS_ABSENT',
    })
    const single = untold('nodes', (builder) =>
      builder.fault(
        'x',
        'stop',
        { machines: ['control-plane1'], component: 'kube-controller-manager' },
        20_000,
        26_000,
      ),
    )
    expect(verdictOf('NODE-02', single)).toMatchObject({
      status: 'fail',
      code: 'NEVER_UNKNOWN',
      values: { afterMs: 61_200 },
    })
  })

  test('is inconclusive without the Lease, and skips a time in which no source watched it', () => {
    const none = edited(drainNode(), 'watch', (record) => (record.namespace === 'kube-node-lease' ? undefined : record))
    expect(verdictOf('NODE-02', none)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
    const blind = untold('nodes', (builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(60_000, { kind: 'gap', source, resource: 'leases', until: start + 70_000, reason: 'cut' })
      }
    })
    expect(verdictOf('NODE-02', blind)).toMatchObject({ code: 'STIMULUS_ABSENT' })
  })
})

describe('NODE-03', () => {
  const untainted = (effect: string, journal = drainNode()): JournalRecord[] =>
    edited(journal, 'watch', (record) => (JSON.stringify(record.object).includes(effect) ? undefined : record))

  test('fails for a taint that never comes', () => {
    expect(verdictOf('NODE-03', untainted('NoExecute'))).toMatchObject({
      status: 'fail',
      code: 'NOT_TAINTED',
      values: { node: 'worker2', afterMs: 23_000, effects: ['NoExecute'] },
    })
  })

  test('requires no eviction where most of the zone is lost', () => {
    const journal = drainNode((builder) => {
      for (const node of nodes.filter((one) => one !== 'worker2' && one !== 'worker3')) {
        builder.object(98_000, 'nodes', '', node, { status: { conditions: [{ type: 'Ready', status: 'False' }] } })
      }
    })
    expect(verdictOf('NODE-03', untainted('NoExecute', journal))).toMatchObject({ status: 'pass' })
    expect(verdictOf('NODE-03', untainted('NoSchedule', journal))).toMatchObject({ code: 'NOT_TAINTED' })
  })

  test('allows Nodes that are lost together to be tainted one after the other', () => {
    const two = drainNode((builder) =>
      builder.object(96_000, 'nodes', '', 'worker1', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
    )
    expect(verdictOf('NODE-03', two)).toMatchObject({ status: 'pass', bound: { limit: 20_000 } })
  })

  test('is late where a taint came too late', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      JSON.stringify(record.object).includes('NoExecute') ? { ...record, at: record.at + 11_000 } : record,
    )
    expect(verdictOf('NODE-03', journal)).toMatchObject({
      status: 'late',
      code: 'TAINTED_LATE',
      measured: 11_200,
      bound: { limit: 10_000 },
    })
  })

  test('fails for a pod that is placed there afterwards, unless it tolerates the taint or the Node has returned', () => {
    const bound = (builder: JournalBuilder): JournalBuilder =>
      builder.binding(105_000, 'web-9', 'worker2', 'control-plane1')
    expect(verdictOf('NODE-03', drainNode(bound))).toMatchObject({
      status: 'fail',
      code: 'PLACED_ON_LOST_NODE',
      values: { node: 'worker2', pods: ['web-9'] },
    })
    const tolerant = drainNode((builder) => {
      const tolerations = [{ operator: 'Exists' }]
      bound(builder).object(104_000, 'pods', builder.namespace, 'web-9', { spec: { tolerations } }, 'added')
    })
    expect(verdictOf('NODE-03', tolerant)).toMatchObject({ status: 'pass', code: 'TAINTED_IN_TIME' })
    const back = drainNode((builder) => bound(builder).object(103_000, 'nodes', '', 'worker2', nodeObject('True')))
    expect(verdictOf('NODE-03', back)).toMatchObject({ status: 'pass' })
  })

  test('is not exercised where the recording ends before the taints are due', () => {
    const journal = endsAt(untainted('NoExecute'), 100_000)
    expect(verdictOf('NODE-03', journal)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
  })
})

describe('NODE-09', () => {
  test('fails for endpoints that stay ready', () => {
    expect(verdictOf('NODE-09', untold('endpointslices'))).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_LEFT_READY',
      values: { service: 'hf-drain-node/web', node: 'worker2', afterMs: 74_000 },
    })
  })

  test('fails for an endpoint that becomes ready again while the Node is silent', () => {
    const journal = drainNode((builder) => builder.slice(110_000, 'web', { 'web-2': 'worker2', 'web-3': 'worker3' }))
    expect(verdictOf('NODE-09', journal)).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_READY_AGAIN',
      values: { pod: 'web-2' },
    })
  })

  test('is late where the endpoints stopped being ready too late', () => {
    const probed = delayed(15_000, 'endpointslices', (builder) =>
      builder.probes(110_000, 119_000, () => 'web-3', ['worker1']),
    )
    expect(verdictOf('NODE-09', probed)).toMatchObject({
      status: 'late',
      code: 'ENDPOINTS_LATE',
      measured: 66_500,
      bound: { limit: 65_000 },
    })
  })

  const failing = (until: number, before?: (builder: JournalBuilder) => void): JournalRecord[] =>
    edited(drainNode(before), 'attempt', ({ backend: _, ...record }) =>
      record.from === 'worker1' && record.protocol === 'tcp' && record.at > start + 98_000 && record.at < start + until
        ? { ...record, ok: false, error: 'no answer in time' }
        : { ...record, ok: true, backend: 'web-3' },
    )

  test("is late where connections failed after kube-proxy's sync, and fails where they never stop failing", () => {
    expect(verdictOf('NODE-09', failing(101_000))).toMatchObject({
      status: 'late',
      code: 'CONNECTIONS_FAIL_LATE',
      values: { from: 'worker1', lagMs: 3_300 },
      bound: { limit: 2_000 },
    })
    expect(verdictOf('NODE-09', failing(200_000))).toMatchObject({ status: 'fail', code: 'CONNECTIONS_FAIL' })
  })

  test('does not count connections that another fault may have hit', () => {
    const journal = failing(200_000, (builder) =>
      builder.fault('x', 'kill', { machines: ['worker1'], component: 'kube-proxy' }, 97_600),
    )
    expect(verdictOf('NODE-09', journal)).toMatchObject({ status: 'pass', code: 'ENDPOINTS_GONE' })
  })

  test('reports whether the Service was probed', () => {
    const unused = edited(drainNode(), 'attempt', () => undefined)
    expect(verdictOf('NODE-09', unused)).toMatchObject({ status: 'pass', values: { endpoints: 3, probed: false } })
    expect(verdictOf('NODE-09', drainNode())).toMatchObject({ status: 'pass', values: { endpoints: 3, probed: true } })
  })

  test('is inconclusive where every probe was silent', () => {
    const silent = edited(drainNode(), 'attempt', (record) =>
      record.at > start + 98_000 && record.at < start + 99_000 ? undefined : record,
    )
    expect(verdictOf('NODE-09', silent)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
  })

  test('is not exercised where no pod on the Node was an endpoint', () => {
    const journal = edited(drainNode(), 'watch', (record) => {
      const text = JSON.stringify(record.object)
      return record.resource === 'endpointslices'
        ? { ...record, object: JSON.parse(text.replaceAll('worker2', 'worker3')) as Record<string, unknown> }
        : record
    })
    expect(verdictOf('NODE-09', journal)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
  })
})
