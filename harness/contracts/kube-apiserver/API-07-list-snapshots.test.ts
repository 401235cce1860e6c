import { describe, expect, test } from 'vitest'
import { SampleJournal } from '../../judge/testing/changed-sample.ts'
import { consistency } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { withWitness } from '../../judge/testing/witness.ts'

const sound = new SampleJournal(withWitness(consistency()))

describe('API-07', () => {
  const paged = sound.of('listing').find(({ store, how }) => store === 'apiserver' && how === 'paged')

  test('fails for parts of two revisions, and for an item that did not exist', () => {
    const parts = [paged?.parts[0] ?? 0, (paged?.parts[0] ?? 0) + 1]
    expect(verdictOf('API-07', sound.withChanged(paged, { parts }))).toMatchObject({
      status: 'fail',
      code: 'LIST_TORN',
    })
    const items = { ...paged?.items, ghost: { revision: 101, value: 'x' } }
    expect(verdictOf('API-07', sound.withChanged(paged, { items }))).toMatchObject({
      status: 'fail',
      code: 'LIST_DIFFERS',
    })
  })

  test('is inconclusive without a list in parts', () => {
    expect(
      verdictOf(
        'API-07',
        edited(sound.records, 'listing', () => undefined),
      ).status,
    ).toBe('inconclusive')
  })
})
