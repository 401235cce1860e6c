import { expect, test } from 'vitest'
import { pathBelow } from './cgroups.ts'

const v1 = (path: string): string => `4:cpu,cpuacct:${path}\n3:freezer:${path}\n1:name=systemd:${path}\n`
const v2 = (path: string): string => `0::${path}\n`

test.for<[process: string, first: string, own: string, path: string | undefined]>([
  ['an agent in the machine', v1('/'), v1('/kubepods/pod1/abc'), '/kubepods/pod1/abc'],
  ['an agent beside it', v1('/docker/12'), v1('/docker/12/kubepods/pod1/abc'), '/kubepods/pod1/abc'],
  ['a process of the machine itself', v1('/docker/12'), v1('/docker/12'), undefined],
  ['a process of another machine', v1('/docker/12'), v1('/docker/123/kubepods'), undefined],
  ['a process in the root of all', v1('/'), v1('/'), undefined],
  ['an agent in the machine, one tree', v2('/machine'), v2('/kubepods/pod1/abc'), '/kubepods/pod1/abc'],
  [
    'an agent beside it, one tree',
    v2('/x/docker-12.scope/machine'),
    v2('/x/docker-12.scope/kubepods/p'),
    '/kubepods/p',
  ],
  ['a process of the machine itself, one tree', v2('/machine'), v2('/machine'), '/machine'],
  ['a process that has ended', v1('/docker/12'), '', undefined],
])('%s', ([, first, own, path]) => {
  expect(pathBelow('cpu', first, own)).toBe(path)
})

test('on v1 each controller has its own path', () => {
  const own = '4:cpu,cpuacct:/docker/12/slow\n3:freezer:/docker/12/kubepods\n'
  expect(pathBelow('cpu', v1('/docker/12'), own)).toBe('/slow')
  expect(pathBelow('freezer', v1('/docker/12'), own)).toBe('/kubepods')
  expect(pathBelow('pids', v1('/docker/12'), own)).toBeUndefined()
})
