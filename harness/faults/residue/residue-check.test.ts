import { describe, expect, test } from 'vitest'
import { differences, revertedOf } from './residue-check.ts'

const state = (routes: string[], tables: string[] = []) =>
  new Map([['worker1', { route: routes, 'nft table': tables }]])

test('the same entries in another order are clean', () => {
  expect(differences(state(['a', 'b']), state(['b', 'a']))).toEqual([])
})

test('reports added and missing entries', () => {
  expect(differences(state(['a', 'b']), state(['a'], ['holdfast_x']))).toEqual([
    { where: 'worker1', what: 'route', change: 'missing', entry: 'b' },
    { where: 'worker1', what: 'nft table', change: 'added', entry: 'holdfast_x' },
  ])
})

test('reports an entry that exists twice', () => {
  expect(differences(state(['a']), state(['a', 'a']))).toEqual([
    { where: 'worker1', what: 'route', change: 'added', entry: 'a' },
  ])
})

test('a failed read is a difference, even when it failed before', () => {
  const failed = new Map([['worker1', { 'could not read': ['qdisc: tc: not found'] }]])
  const unread = [{ where: 'worker1', what: 'could not read', change: 'added', entry: 'qdisc: tc: not found' }]
  expect(differences(state(['a']), failed)).toEqual(unread)
  expect(differences(failed, failed)).toEqual(unread)
  expect(differences(failed, state(['a']))).toContainEqual(unread[0])
  expect(revertedOf(differences(failed, failed))).toBe(false)
})

describe('entries that may disappear by themselves', () => {
  const kinds = ['frozen cgroup', 'stopped process', 'taint by condition']
  const of = (what: string, entries: string[]) => new Map([['worker1', { [what]: entries }]])

  test.each(kinds)('%s: is awaited when added, and not reported when missing', (what) => {
    const found = differences(of(what, []), of(what, ['a']))
    expect(found).toEqual([{ where: 'worker1', what, change: 'added', entry: 'a' }])
    expect(revertedOf(found)).toBe(false)
    expect(differences(of(what, ['a']), of(what, []))).toEqual([])
  })

  test.each(['cgroup of ours', 'nft table of ours', 'iptables rule of ours'])(
    '%s: is not awaited, because only Holdfast removes it',
    (what) => {
      const found = differences(of(what, []), of(what, ['a']))
      expect(revertedOf(found)).toBe(true)
      expect(revertedOf([...found, { where: 'worker1', what: 'route', change: 'missing', entry: 'b' }])).toBe(false)
      expect(differences(of(what, ['a']), of(what, []))).toEqual([])
    },
  )

  test.each(['process of ours', 'lease', 'intent', 'loop device'])(
    '%s: is awaited, and not reported when missing',
    (what) => {
      const found = differences(of(what, []), of(what, ['a']))
      expect(found).toEqual([{ where: 'worker1', what, change: 'added', entry: 'a' }])
      expect(revertedOf(found)).toBe(false)
      expect(differences(of(what, ['a']), of(what, []))).toEqual([])
    },
  )

  test.each(['nft table', 'mount', 'file', 'taint', 'cordon'])('%s: is reported when missing', (what) => {
    const found = differences(of(what, ['a']), of(what, []))
    expect(found).toEqual([{ where: 'worker1', what, change: 'missing', entry: 'a' }])
    expect(revertedOf(found)).toBe(false)
  })
})
