import { expect, test } from 'vitest'
import { differences } from './audit.ts'

const look = (routes: string[], tables: string[] = []) => new Map([['worker1', { route: routes, 'nft table': tables }]])

test('the same in another order is clean', () => {
  expect(differences(look(['a', 'b']), look(['b', 'a']))).toEqual([])
})

test('what is there and was not, and what was and is not, are both told', () => {
  expect(differences(look(['a', 'b']), look(['a'], ['holdfast_x']))).toEqual([
    { where: 'worker1', what: 'route', change: 'missing', entry: 'b' },
    { where: 'worker1', what: 'nft table', change: 'added', entry: 'holdfast_x' },
  ])
})

test('an entry that is there twice is one too many', () => {
  expect(differences(look(['a']), look(['a', 'a']))).toEqual([
    { where: 'worker1', what: 'route', change: 'added', entry: 'a' },
  ])
})
