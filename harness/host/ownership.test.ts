import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { identityOf, lifeOfProcess } from '../common/process-identity.ts'
import { type Here, type Life, type Owner, here, lifeOf, parseOwner, thisOwner } from './ownership.ts'

const owner: Owner = {
  pid: 7,
  startedAt: '100',
  boot: 'boot-1',
  pidNamespace: 'pid:[1]',
  machine: 'm1',
  hostname: 'lab',
  user: 'ann',
  home: '/home/ann',
  folder: '/runs/x',
  createdAt: '2026-11-30T09:00:00.000Z',
}

/** The owner's life as another process on the same host sees it, with these differences. */
function seen(from: Partial<Here>, life: Life = 'alive', changed: Partial<Owner> = {}): Life {
  const { boot, pidNamespace, machine, hostname } = owner
  const beside = { boot, pidNamespace, machine, hostname, localEngine: true, lifeOf: () => life }
  return lifeOf({ ...owner, ...changed }, { ...beside, ...from })
}

describe('an owner in the same pid namespace is looked up', () => {
  test.each<[Life]>([['alive'], ['dead'], ['unknown']])('%s', (life) => expect(seen({}, life)).toBe(life))
  test('with any host name: containers of one host share its boot id', () => {
    expect(seen({ hostname: 'other', machine: '' }, 'dead')).toBe('dead')
  })
})

describe('an owner that can not be looked up is never considered dead', () => {
  test.each<[string, Partial<Here>, Partial<Owner>]>([
    ['in another pid namespace', { pidNamespace: 'pid:[2]' }, {}],
    ['where no pid namespace can be read', { pidNamespace: '' }, { pidNamespace: '' }],
    ['on another host', { boot: 'boot-2', hostname: 'other' }, {}],
    ['on a host of the same name', { boot: 'boot-2', machine: 'm2' }, {}],
    ['on a host that may be a copy, over a remote engine', { boot: 'boot-2', localEngine: false }, {}],
    ['on a host without a machine id', { boot: 'boot-2', machine: '' }, { machine: '' }],
  ])('%s', (_, from, changed) => expect(seen(from, 'dead', changed)).toBe('unknown'))
  test('without a record', () => expect(lifeOf(undefined, here(true))).toBe('unknown'))
  test.each([[undefined], [''], ['{}'], ['{"pid":1}'], ['no json']])('with the record %j', (text) =>
    expect(lifeOf(parseOwner(text), here(true))).toBe('unknown'),
  )
})

test('an owner from before a reboot of this host is dead', () => {
  expect(seen({ boot: 'boot-2' }, 'alive')).toBe('dead')
})

test('this process is the owner of what it creates, and is alive', () => {
  const mine = parseOwner(JSON.stringify(thisOwner('/runs/x')))
  expect(mine).toMatchObject({ pid: process.pid, folder: '/runs/x' })
  expect(lifeOf(mine, here(true))).toBe('alive')
})

describe('processes', () => {
  test('are alive, then dead, and a start time distinguishes processes with the same pid', async () => {
    const child = spawn('sleep', ['600'])
    await once(child, 'spawn')
    const identity = identityOf(child.pid ?? 0)
    expect(lifeOfProcess(identity)).toBe('alive')
    expect(lifeOfProcess({ ...identity, startedAt: '1' })).toBe('dead')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(lifeOfProcess(identity)).toBe('dead')
  })
})
