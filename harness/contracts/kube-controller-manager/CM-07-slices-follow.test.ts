import { describe, expect, test } from 'vitest'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { drainNode, killScheduler } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

const service = 'hf-kill-scheduler/web'

/** The sample journal without a slice's changes after some time, and with the records that `before` adds. */
function stuck(from: number, before: (builder: JournalBuilder) => unknown = () => undefined): JournalRecord[] {
  const journal = killScheduler((builder) => void before(builder))
  return edited(journal, 'watch', (record) =>
    record.resource === 'endpointslices' && record.at >= start + from ? undefined : record,
  )
}

const end = (builder: JournalBuilder, t: number, name: string): JournalBuilder =>
  builder.object(
    t,
    'pods',
    builder.namespace,
    name,
    builder.podObject('web', { node: 'worker1', ready: true, ending: true }),
  )

describe('CM-07', () => {
  test('counts Services and endpoints of a sound recording', () => {
    expect(verdictOf('CM-07', killScheduler())).toMatchObject({ status: 'pass', code: 'SLICES_FOLLOW' })
    expect(verdictOf('CM-07', drainNode())).toMatchObject({ status: 'pass', code: 'SLICES_FOLLOW' })
  })

  test('fails for a Ready pod that no slice ever lists', () => {
    expect(verdictOf('CM-07', stuck(20_000))).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_MISSING',
      values: { service, pod: 'web-7' },
      bound: { limit: 5_000 },
    })
  })

  test('fails for a pod that stays listed after it was deleted or became unready', () => {
    const gone = stuck(70_000, (builder) => end(builder, 75_000, 'web-1'))
    expect(verdictOf('CM-07', gone)).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_STALE',
      values: { service, pod: 'web-1', forMs: 15_000 },
    })
    const unready = stuck(70_000, (builder) => builder.unready(80_000, 'web-2', 'worker2'))
    expect(verdictOf('CM-07', unready)).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_STALE',
      values: { pod: 'web-2' },
    })
  })

  test("fails for a slice without the controller's label, and accepts one of another program", () => {
    const managed = (by: (record: JournalRecord) => object): JournalRecord[] =>
      edited(
        killScheduler((builder) => {
          const metadata = { labels: { 'kubernetes.io/service-name': 'web' } }
          const endpoints = [{ addresses: ['10.9.9.9'], conditions: { ready: true } }]
          builder.object(70_000, 'endpointslices', builder.namespace, 'web-y', { metadata, endpoints }, 'added')
        }),
        'watch',
        (record) => {
          if (record.name !== 'web-y') return record
          const labels = { 'kubernetes.io/service-name': 'web', ...by(record) }
          return { ...record, object: { ...record.object, metadata: { labels } } }
        },
      )
    expect(
      verdictOf(
        'CM-07',
        managed(() => ({})),
      ),
    ).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_STALE',
      values: { pod: '10.9.9.9' },
    })
    const foreign = { 'endpointslice.kubernetes.io/managed-by': 'another.example.com' }
    expect(
      verdictOf(
        'CM-07',
        managed(() => foreign),
      ).status,
    ).toBe('pass')
  })

  test('is late for a pod that is listed, or removed, after the bound', () => {
    const late = (name: string, t: number): JournalRecord[] =>
      edited(
        killScheduler((builder) => {
          end(builder, 72_000, 'web-1')
          const left = { 'web-2': 'worker2', 'web-3': 'worker3', 'web-4': 'worker1', 'web-5': 'worker2' }
          builder.slice(t, 'web', {
            ...left,
            'web-6': 'worker3',
            'web-7': 'worker1',
            'web-8': 'worker2',
            'web-9': 'worker3',
            'web-10': 'worker1',
          })
        }),
        'watch',
        (record) => (record.name === name ? undefined : record),
      )
    expect(verdictOf('CM-07', late('', 73_000)).status).toBe('pass')
    expect(verdictOf('CM-07', late('', 79_000))).toMatchObject({
      status: 'late',
      code: 'ENDPOINT_REMOVED_LATE',
      values: { service, pod: 'web-1', forMs: 7_000 },
    })
  })

  test('ignores times in which no controller manager could act', () => {
    const journal = stuck(70_000, (builder) => {
      for (const machine of ['control-plane1', 'control-plane2']) {
        builder.fault(
          `f-${machine}`,
          'pause',
          { machines: [machine], component: 'kube-controller-manager' },
          69_000,
          undefined,
        )
      }
      end(builder, 75_000, 'web-1')
    })
    expect(verdictOf('CM-07', journal).status).toBe('pass')
  })

  test('requires unready pods only of a Service that publishes them', () => {
    const publish = (publishNotReadyAddresses: boolean): JournalRecord[] =>
      edited(
        stuck(70_000, (builder) => builder.unready(75_000, 'web-2', 'worker2')),
        'watch',
        (record) =>
          record.resource === 'services' && record.name === 'web'
            ? {
                ...record,
                object: { ...record.object, spec: { ...(record.object['spec'] as object), publishNotReadyAddresses } },
              }
            : record,
      )
    expect(verdictOf('CM-07', publish(true)).status).toBe('pass')
    expect(verdictOf('CM-07', publish(false)).code).toBe('ENDPOINT_STALE')
  })

  test('is inconclusive where slices were not watched', () => {
    const journal = killScheduler((builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(20_000, { kind: 'gap', source, resource: 'pods', until: start + 25_000, reason: 'cut' })
      }
    })
    expect(verdictOf('CM-07', journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })

  test('is not exercised without a Service that selects pods', () => {
    const journal = edited(killScheduler(), 'watch', (record) => (record.resource === 'services' ? undefined : record))
    expect(verdictOf('CM-07', journal)).toMatchObject({ code: 'STIMULUS_ABSENT' })
  })
})
