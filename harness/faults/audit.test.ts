import { describe, expect, test } from 'vitest'
import { differences, settled } from './audit.ts'

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

test('what could not be read is a difference, also when it could not be read before either', () => {
  const failed = new Map([['worker1', { 'could not read': ['qdisc: tc: not found'] }]])
  const told = [{ where: 'worker1', what: 'could not read', change: 'added', entry: 'qdisc: tc: not found' }]
  expect(differences(look(['a']), failed)).toEqual(told)
  expect(differences(failed, failed)).toEqual(told)
  expect(differences(failed, look(['a']))).toContainEqual(told[0])
  expect(settled(differences(failed, failed))).toBe(false)
})

describe('what others make and take away by themselves', () => {
  const kinds = ['frozen cgroup', 'stopped process', 'taint by condition']
  const of = (what: string, entries: string[]) => new Map([['worker1', { [what]: entries }]])

  test.each(kinds)('%s: it is waited for, and not missed when it was there by chance', (what) => {
    const found = differences(of(what, []), of(what, ['a']))
    expect(found).toEqual([{ where: 'worker1', what, change: 'added', entry: 'a' }])
    expect(settled(found)).toBe(false)
    expect(differences(of(what, ['a']), of(what, []))).toEqual([])
  })

  test.each(['cgroup of ours', 'nft table of ours', 'iptables rule of ours'])(
    '%s: nobody else takes it away, so nobody waits',
    (what) => {
      const found = differences(of(what, []), of(what, ['a']))
      expect(settled(found)).toBe(true)
      expect(settled([...found, { where: 'worker1', what: 'route', change: 'missing', entry: 'b' }])).toBe(false)
      expect(differences(of(what, ['a']), of(what, []))).toEqual([])
    },
  )

  test.each(['process of ours', 'lease', 'intent', 'loop device'])(
    '%s: somebody may be at it, and it is not missed',
    (what) => {
      const found = differences(of(what, []), of(what, ['a']))
      expect(found).toEqual([{ where: 'worker1', what, change: 'added', entry: 'a' }])
      expect(settled(found)).toBe(false)
      expect(differences(of(what, ['a']), of(what, []))).toEqual([])
    },
  )

  test.each(['nft table', 'mount', 'file', 'taint', 'cordon'])('%s: missed when it is gone', (what) => {
    const found = differences(of(what, ['a']), of(what, []))
    expect(found).toEqual([{ where: 'worker1', what, change: 'missing', entry: 'a' }])
    expect(settled(found)).toBe(false)
  })
})
