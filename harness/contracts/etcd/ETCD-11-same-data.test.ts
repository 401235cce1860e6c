import { expect, test } from 'vitest'
import { SampleJournal } from '../../judge/testing/changed-sample.ts'
import { consistency } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import { withWitness } from '../../judge/testing/witness.ts'

const sound = new SampleJournal(withWitness(consistency()))

test('fails for a member with other data, and is inconclusive without the data of one member', () => {
  const one = sound.of('content').at(-1)
  for (const change of [{ hash: 78 }, { values: { a: '2' } }, { revision: 4 }]) {
    expect(verdictOf('ETCD-11', sound.withChanged(one, change)).code).toBe('MEMBERS_DIFFER')
  }
  expect(verdictOf('ETCD-11', sound.withChanged(one, undefined)).code).toBe('NOT_READ_BACK')
  expect(verdictOf('ETCD-11', sound.withChanged(one, { compacted: 1 })).code).toBe('NOT_COMPARABLE')
  expect(verdictOf('ETCD-11', sound.withChanged(one, { compacted: 1, values: { a: '2' } })).status).toBe('fail')
})
