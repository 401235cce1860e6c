import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { consistency, drainNode } from '../../judge/testing/stories.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

const story = consistency()

test('API-12 is broken by an address that two Services have', () => {
  const late = edited(story, 'allocation', (one) =>
    one.edge === 'deleted' && one.owner === 'control-plane1-1' ? { ...one, at: one.at + 5_000 } : one,
  )
  expect(verdictOf('API-12', late)).toMatchObject({
    status: 'fail',
    code: 'ADDRESS_SHARED',
  })
  const unclaimed = edited(story, 'allocation', () => undefined)
  expect(verdictOf('API-12', unclaimed)).toMatchObject({
    status: 'pass',
    code: 'UNIQUE_CLUSTER_IPS',
    values: { created: 0 },
  })
})

test('API-12 is broken by a Service of somebody else that has the address of one of ours', () => {
  const own = story.find((record) => record.kind === 'watch' && record.resource === 'services')
  if (own?.kind !== 'watch') throw new Error('the story has no Service')
  const other = { ...own, uid: 'another', name: 'another', resourceVersion: `${Number(own.resourceVersion) + 1}` }
  const at = story.findIndex((record) => record === own)
  const shared = story.toSpliced(at + 1, 0, other as JournalRecord)
  expect(verdictOf('API-12', shared)).toMatchObject({ status: 'fail', code: 'ADDRESS_SHARED' })
})

test('NET-05 is broken by two live pods with one address', () => {
  const journal = drainNode()
  const shared = edited(journal, 'watch', (record) => {
    const status = record.object['status'] as { podIP?: string } | undefined
    if (record.resource !== 'pods' || status?.podIP === undefined) return record
    return { ...record, object: { ...record.object, status: { ...status, podIP: '10.244.1.1' } } }
  })
  expect(verdictOf('NET-05', journal).status).toBe('pass')
  // The API may tell of two addresses what a machine's kernel knows to be one.
  const real = edited(journal, 'containers', (record) => ({
    ...record,
    containers: record.containers.map((one) => (one.pod < 'web-3' ? { ...one, address: '10.244.1.1' } : one)),
  }))
  expect(verdictOf('NET-05', real).reason).toMatch(
    /got 10\.244\.1\.1 while hf-drain-node\/web-\d on worker\d .* had it/,
  )
  const unseen = edited(journal, 'containers', () => undefined)
  expect(verdictOf('NET-05', unseen).reason).toBe('No machine was asked which addresses its pods have.')
  expect(verdictOf('NET-05', shared)).toMatchObject({ status: 'fail', reason: expect.stringContaining('10.244.1.1') })
  expect(
    verdictOf(
      'NET-05',
      edited(journal, 'watch', () => undefined),
    ).status,
  ).toBe('inconclusive')
})
