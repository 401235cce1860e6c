import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { drainNode } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** What was told of worker2 and its endpoints after it was lost, told that much later. */
function delayed(ms: number, resource = 'nodes'): JournalRecord[] {
  return edited(drainNode(), 'watch', (record) =>
    record.resource === resource && record.at > start + 90_000 ? { ...record, at: record.at + ms } : record,
  )
}

function untold(resource: string): JournalRecord[] {
  return edited(drainNode(), 'watch', (record) =>
    record.resource === resource && record.at > start + 90_000 ? undefined : record,
  )
}

describe('NODE-02', () => {
  test('is broken by a Node that is given up too early', () => {
    expect(verdictOf('NODE-02', delayed(-8_000))).toMatchObject({
      status: 'fail',
      measured: 39_020,
      reason: 'worker2 was marked Unknown 39 s after it was lost, before its grace period could have passed.',
    })
  })

  test('is late where it took too long, and broken where it never came', () => {
    expect(verdictOf('NODE-02', delayed(14_000))).toMatchObject({
      status: 'late',
      measured: 61_000,
      bound: { limit: 60_000 },
    })
    expect(verdictOf('NODE-02', untold('nodes'))).toMatchObject({ status: 'fail', observed: 'never marked Unknown' })
  })

  test('is undecided where the recording ends first', () => {
    const short = edited(untold('nodes'), 'scenario', (record) =>
      record.edge === 'end' ? { ...record, at: start + 100_000 } : record,
    )
    expect(verdictOf('NODE-02', short)).toMatchObject({ status: 'inconclusive' })
  })
})

describe('NODE-03', () => {
  test('is broken by a taint that never comes', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      JSON.stringify(record.object).includes('NoExecute') ? undefined : record,
    )
    expect(verdictOf('NODE-03', journal)).toMatchObject({ status: 'fail', observed: 'no taint NoExecute' })
  })

  test('is late where a taint came too late', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      JSON.stringify(record.object).includes('NoExecute') ? { ...record, at: record.at + 11_000 } : record,
    )
    expect(verdictOf('NODE-03', journal)).toMatchObject({ status: 'late', measured: 11_200, bound: { limit: 10_000 } })
  })

  test('is broken by a pod that is placed there afterwards', () => {
    const journal = drainNode((script) => script.binding(105_000, 'web-9', 'worker2', 'control-plane1'))
    expect(verdictOf('NODE-03', journal)).toMatchObject({
      status: 'fail',
      reason: 'web-9 was bound to worker2 7.8 s after it was tainted.',
    })
  })
})

describe('NODE-09', () => {
  test('is broken by endpoints that stay ready', () => {
    expect(verdictOf('NODE-09', untold('endpointslices'))).toMatchObject({
      status: 'fail',
      observed: 'endpoints left ready',
    })
  })

  test('is late where they left too late', () => {
    const probed = drainNode((script) => script.probes(110_000, 119_000, () => 'web-3', ['worker1']))
    const journal = edited(probed, 'watch', (record) =>
      record.resource === 'endpointslices' && record.at > start + 90_000
        ? { ...record, at: record.at + 18_000 }
        : record,
    )
    expect(verdictOf('NODE-09', journal)).toMatchObject({ status: 'late', measured: 65_500, bound: { limit: 65_000 } })
  })

  test('is late where connections failed past the sync of kube-proxy, broken where they never stop', () => {
    const fails = (until: number): JournalRecord[] =>
      edited(drainNode(), 'attempt', ({ backend: _, ...record }) =>
        record.from === 'worker1' &&
        record.protocol === 'tcp' &&
        record.at > start + 98_000 &&
        record.at < start + until
          ? { ...record, ok: false, error: 'no answer in time' }
          : { ...record, backend: 'web-3' },
      )
    expect(verdictOf('NODE-09', fails(101_000))).toMatchObject({
      status: 'late',
      measured: 3_300,
      bound: { limit: 2_000 },
      reason:
        'A tcp connection from worker1 failed (no answer in time) 3.3 s after no slice listed a pod on worker2 as ready.',
    })
    expect(verdictOf('NODE-09', fails(200_000)).status).toBe('fail')
  })

  test('is undecided where nothing on the Node was an endpoint', () => {
    const journal = edited(drainNode(), 'watch', (record) => {
      const text = JSON.stringify(record.object)
      return record.resource === 'endpointslices'
        ? { ...record, object: JSON.parse(text.replaceAll('worker2', 'worker3')) as Record<string, unknown> }
        : record
    })
    expect(verdictOf('NODE-09', journal)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('No ready endpoint'),
    })
  })
})
