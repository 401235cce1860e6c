import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { consistency } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

const sound = consistency()

test('API-12 fails for an address that two Services have', () => {
  const late = edited(sound, 'allocation', (one) =>
    one.edge === 'deleted' && one.owner === 'control-plane1-1' ? { ...one, at: one.at + 5_000 } : one,
  )
  expect(verdictOf('API-12', late)).toMatchObject({
    status: 'fail',
    code: 'ADDRESS_SHARED',
  })
  const unclaimed = edited(sound, 'allocation', () => undefined)
  expect(verdictOf('API-12', unclaimed)).toMatchObject({
    status: 'pass',
    code: 'UNIQUE_CLUSTER_IPS',
    values: { created: 0 },
  })
})

test('API-12 fails for a Service of another client with the address of a recorded Service', () => {
  const own = sound.find((record) => record.kind === 'watch' && record.resource === 'services')
  if (own?.kind !== 'watch') throw new Error('the sample journal has no Service')
  const other = { ...own, uid: 'another', name: 'another', resourceVersion: `${Number(own.resourceVersion) + 1}` }
  const at = sound.findIndex((record) => record === own)
  const shared = sound.toSpliced(at + 1, 0, other as JournalRecord)
  expect(verdictOf('API-12', shared)).toMatchObject({ status: 'fail', code: 'ADDRESS_SHARED' })
})
