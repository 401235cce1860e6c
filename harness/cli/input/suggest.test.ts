import { expect, test } from 'vitest'
import { didYouMean, editDistance, nearest } from './suggest.ts'

test.each([
  ['', '', 0],
  ['kill', 'kill', 0],
  ['kill', 'kil', 1],
  ['kill', 'klil', 1],
  ['kill', 'bill', 1],
  ['kill', '', 4],
])('%s to %s takes %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

test('suggests only a near word', () => {
  const known = ['kill-scheduler', 'partition-etcd', 'drain-node']
  expect(nearest('kill-shceduler', known)).toBe('kill-scheduler')
  expect(nearest('Drain-Node', known)).toBe('drain-node')
  expect(nearest('reboot', known)).toBeUndefined()
  expect(didYouMean('drain-nod', known)).toBe(' Did you mean "drain-node"?')
  expect(didYouMean('x', [])).toBe('')
})
