import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import { agentAction } from '../actions/action.ts'
import { AppliedFaultStore } from './applied-fault-store.ts'
import { AppliedFaults } from './applied-faults.ts'
import type { Action } from '../actions/known-action.ts'
import { processOf } from '../processes/supervisor.ts'

/* The actions only make and remove a file: the disk shows what is active and what is reverted. */

let folder = ''
let store: AppliedFaultStore
const order: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-applied-'))
  store = new AppliedFaultStore(join(folder, 'applied-faults'))
  order.length = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const touch = (name: string, extra: { first?: boolean; failing?: boolean } = {}) =>
  agentAction({
    name,
    ...(extra.first ? { first: true } : {}),
    do: async ({ path }: { path: string }) => {
      writeFileSync(path, '')
      if (extra.failing) throw new Error('the effect is not confirmed')
      return { path }
    },
    undo: async ({ path }) => {
      if (existsSync(`${path}.stuck`)) throw new Error('stuck')
      order.push(name)
      rmSync(path, { force: true })
      return { path, gone: true }
    },
  })

/** Its revert takes several turns of the event loop, and fails when another revert of it is in progress. */
const slow = agentAction({
  name: 'slow',
  do: async ({ path }: { path: string }) => ({ path }),
  undo: async ({ path }) => {
    writeFileSync(path, '', { flag: 'wx' })
    await delay(20)
    order.push('slow')
    rmSync(path)
    return { path }
  },
})

const known = [slow, touch('plain'), touch('wedge', { first: true }), touch('failing', { failing: true })]
const action = (name: string, path: string): Action => ({ do: name, params: { path } }) as unknown as Action
const fresh = (): AppliedFaults => new AppliedFaults(known, store)

test('a fault is reverted when its TTL ends, and its file is removed', async () => {
  const path = join(folder, 'a')
  await fresh().apply('a', 20, action('plain', path))
  expect(existsSync(path)).toBe(true)
  expect(store.all()).toHaveLength(1)
  await eventually('the fault to end', () => !existsSync(path) && store.all().length === 0, { timeoutMs: 5_000 })
})

test('an action that fails half-way is reverted', async () => {
  const path = join(folder, 'a')
  await expect(fresh().apply('a', 60_000, action('failing', path))).rejects.toThrow('the effect is not confirmed')
  expect(existsSync(path)).toBe(false)
  expect(store.all()).toEqual([])
})

test('an invalid TTL, an unknown action and an active fault are refused before anything is applied', async () => {
  const appliedFaults = fresh()
  const path = join(folder, 'a')
  await expect(appliedFaults.apply('a', 0, action('plain', path))).rejects.toThrow('must be greater than 0')
  await expect(appliedFaults.apply('a', 60_000, action('dance', path))).rejects.toThrow('no action "dance"')
  expect(existsSync(path)).toBe(false)
  await appliedFaults.apply('a', 60_000, action('plain', path))
  await expect(appliedFaults.apply('a', 60_000, action('plain', path))).rejects.toThrow('already active')
  await appliedFaults.revert('a')
  expect(await appliedFaults.revert('a')).toEqual({ id: 'a', already: true })
})

test('a new agent reverts the faults of a dead one, blocking ones first, and leaves those of a living one', async () => {
  const holder = { pid: process.pid, startedAt: (await processOf(process.pid))?.startedAt ?? '' }
  const later = now() + 60_000
  const dead = { ...holder, startedAt: '1' }
  const path = (name: string): string => join(folder, name)
  for (const name of ['a', 'b', 'c']) writeFileSync(path(name), '')
  store.write({ id: 'a', action: action('plain', path('a')), until: later, holder: dead })
  store.write({ id: 'b', action: action('wedge', path('b')), until: later, holder: dead })
  store.write({ id: 'c', action: action('plain', path('c')), until: later, holder })
  const recovered = await fresh().recover()
  expect(recovered.map(({ id }) => id).sort()).toEqual(['a', 'b'])
  expect(order).toEqual(['wedge', 'plain'])
  expect(['a', 'b', 'c'].map((name) => existsSync(path(name)))).toEqual([false, false, true])
  expect(store.all().map(({ id }) => id)).toEqual(['c'])
})

test('a failed revert is retried until it succeeds', async () => {
  const path = join(folder, 'a')
  const appliedFaults = fresh()
  await appliedFaults.apply('a', 60_000, action('plain', path))
  writeFileSync(`${path}.stuck`, '')
  await expect(appliedFaults.revert('a')).rejects.toThrow('stuck')
  expect(store.all()).toHaveLength(1)
  rmSync(`${path}.stuck`)
  await eventually('the fault to end', () => !existsSync(path) && store.all().length === 0, { timeoutMs: 5_000 })
})

test('a fault long past its TTL is reverted although its holder lives', async () => {
  const path = join(folder, 'a')
  const holder = { pid: process.pid, startedAt: (await processOf(process.pid))?.startedAt ?? '' }
  writeFileSync(path, '')
  store.write({ id: 'a', action: action('plain', path), until: now() - 2_000, holder })
  await fresh().awaitReverted(['a'], 5_000)
  expect(existsSync(path)).toBe(false)
})

test('settling waits for the agent that holds the fault', async () => {
  const path = join(folder, 'a')
  const holding = fresh()
  await holding.apply('a', 60_000, action('plain', path))
  const settled = fresh().awaitReverted(['a'], 5_000)
  expect(existsSync(path)).toBe(true)
  await holding.revert('a')
  await settled
  expect(store.all()).toEqual([])
})

test('of agents that find the same fault at the same time, one reverts it, once', async () => {
  const path = join(folder, 'a')
  const holder = { pid: process.pid, startedAt: 'another start' }
  store.write({ id: 'shared', action: action('slow', path), until: now() + 60_000, holder })
  const agents = [fresh(), fresh(), fresh()]
  const recovered = await Promise.all(
    agents.map(async (agent) => {
      // The two ways in which one agent recovers, at the same time.
      const [own] = await Promise.all([agent.recover(), agent.awaitReverted(['shared'], 10_000)])
      return own
    }),
  )
  expect(order).toEqual(['slow'])
  expect(recovered.flat().filter((one) => 'error' in one)).toEqual([])
  expect(store.all()).toEqual([])
})

test('a holder and an agent that finds its fault long past the TTL revert it once', async () => {
  const path = join(folder, 'a')
  const holder = fresh()
  await holder.apply('late', 60_000, action('slow', path))
  const [stored] = store.all()
  if (!stored) throw new Error('the fault is not on the disk')
  store.write({ ...stored, until: now() - 60_000 })
  const [recovered] = await Promise.all([fresh().recover(), holder.revert('late')])
  expect(recovered.filter((one) => 'error' in one)).toEqual([])
  expect(order).toEqual(['slow'])
  expect(store.all()).toEqual([])
})
