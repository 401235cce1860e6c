import { expect, test } from 'vitest'
import { validHistory } from '../testing/histories.ts'
import { type Operation, tells } from './history.ts'
import { searchWithin } from './search-within.ts'

const sound = validHistory({ seed: 3, operations: 300, clients: 5, keys: 1, unknown: 0.02 }).filter(tells)

/** Writes at the same time whose order nobody was told, and a read that none explains: every subset has to be tried. */
const hopeless: Operation[] = Array.from({ length: 27 }, (_, id) => ({
  id,
  client: `client${id}`,
  key: 'k',
  kind: id === 0 ? 'create' : id < 26 ? 'patch' : 'get',
  call: id < 26 ? id : 200,
  end: 100 + id * 200,
  outcome: 'ok',
  refusal: '',
  precondition: 0,
  value: id < 26 ? `v${id}` : 'nobody wrote this',
  revision: id < 26 ? 0 : 9,
}))

test('a search in a thread of its own answers what the search answers', () => {
  expect(searchWithin(sound)).toEqual({ result: 'holds' })
  const [first] = sound.filter(({ kind, revision }) => kind === 'get' && revision > 0)
  const broken = sound.map((one) => (one === first ? { ...one, value: 'nobody wrote this' } : one))
  expect(searchWithin(broken)).toMatchObject({ result: 'violated', stuck: { id: first?.id } })
})

test('out of time is undecided', () => {
  expect(searchWithin(hopeless, { timeMs: 50, memoryMB: 256 })).toEqual({
    result: 'undecided',
    reason: 'the search ran out of time',
  })
})

test('out of memory is undecided', () => {
  expect(searchWithin(hopeless, { timeMs: 20_000, memoryMB: 1 })).toEqual({
    result: 'undecided',
    reason: 'the search ran out of memory',
  })
})
