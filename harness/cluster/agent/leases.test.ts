import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../eventually.ts'
import { now } from '../../record/clock.ts'
import { agentAction } from './actions/action.ts'
import { LeaseStore } from './lease-store.ts'
import { Leases } from './leases.ts'
import type { Action } from './protocol.ts'
import { processOf } from './supervisor.ts'

/* Leases with an action that only makes and removes a file: what they keep, and what they undo, is looked up on the disk. */

let folder = ''
let store: LeaseStore
const order: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-leases-'))
  store = new LeaseStore(join(folder, 'leases'))
  order.length = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const touch = (name: string, extra: { first?: boolean; failing?: boolean } = {}) =>
  agentAction({
    name,
    ...(extra.first ? { first: true } : {}),
    do: async ({ path }: { path: string }) => {
      writeFileSync(path, '')
      if (extra.failing) throw new Error('it did not bite')
      return { path }
    },
    undo: async ({ path }) => {
      if (existsSync(`${path}.stuck`)) throw new Error('stuck')
      order.push(name)
      rmSync(path, { force: true })
      return { path, gone: true }
    },
  })

/** Undoing takes until the event loop has turned several times, and fails when another undo of it goes on. */
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
const fresh = (): Leases => new Leases(known, store)

test('a lease is undone when its time is up, and its file goes with it', async () => {
  const path = join(folder, 'a')
  await fresh().take('a', 20, action('plain', path))
  expect(existsSync(path)).toBe(true)
  expect(store.all()).toHaveLength(1)
  await eventually('the lease to end', () => !existsSync(path) && store.all().length === 0, { withinMs: 5_000 })
})

test('what fails half-way is undone as well', async () => {
  const path = join(folder, 'a')
  await expect(fresh().take('a', 60_000, action('failing', path))).rejects.toThrow('it did not bite')
  expect(existsSync(path)).toBe(false)
  expect(store.all()).toEqual([])
})

test('no time to live, an unknown action and a lease that is held are refused before anything is done', async () => {
  const leases = fresh()
  const path = join(folder, 'a')
  await expect(leases.take('a', 0, action('plain', path))).rejects.toThrow('no time to live')
  await expect(leases.take('a', 60_000, action('dance', path))).rejects.toThrow('does not know how to dance')
  expect(existsSync(path)).toBe(false)
  await leases.take('a', 60_000, action('plain', path))
  await expect(leases.take('a', 60_000, action('plain', path))).rejects.toThrow('held already')
  await leases.release('a')
  expect(await leases.release('a')).toEqual({ lease: 'a', already: true })
})

test('a fresh agent undoes what a dead one held, what wedges first, and leaves what a living one holds', async () => {
  const holder = { pid: process.pid, startedAt: (await processOf(process.pid))?.startedAt ?? '' }
  const later = now() + 60_000
  const dead = { ...holder, startedAt: '1' }
  const path = (name: string): string => join(folder, name)
  for (const name of ['a', 'b', 'c']) writeFileSync(path(name), '')
  store.write({ lease: 'a', action: action('plain', path('a')), until: later, holder: dead })
  store.write({ lease: 'b', action: action('wedge', path('b')), until: later, holder: dead })
  store.write({ lease: 'c', action: action('plain', path('c')), until: later, holder })
  const told = await fresh().recover()
  expect(told.map(({ lease }) => lease).sort()).toEqual(['a', 'b'])
  expect(order).toEqual(['wedge', 'plain'])
  expect(['a', 'b', 'c'].map((name) => existsSync(path(name)))).toEqual([false, false, true])
  expect(store.all().map(({ lease }) => lease)).toEqual(['c'])
})

test('what can not be undone is tried again until it can', async () => {
  const path = join(folder, 'a')
  const leases = fresh()
  await leases.take('a', 60_000, action('plain', path))
  writeFileSync(`${path}.stuck`, '')
  await expect(leases.release('a')).rejects.toThrow('stuck')
  expect(store.all()).toHaveLength(1)
  rmSync(`${path}.stuck`)
  await eventually('the lease to end', () => !existsSync(path) && store.all().length === 0, { withinMs: 5_000 })
})

test('a lease whose time is long over is undone although its holder lives', async () => {
  const path = join(folder, 'a')
  const holder = { pid: process.pid, startedAt: (await processOf(process.pid))?.startedAt ?? '' }
  writeFileSync(path, '')
  store.write({ lease: 'a', action: action('plain', path), until: now() - 2_000, holder })
  await fresh().settle(['a'], 5_000)
  expect(existsSync(path)).toBe(false)
})

test('settling waits for the agent that holds the lease', async () => {
  const path = join(folder, 'a')
  const holding = fresh()
  await holding.take('a', 60_000, action('plain', path))
  const settled = fresh().settle(['a'], 5_000)
  expect(existsSync(path)).toBe(true)
  await holding.release('a')
  await settled
  expect(store.all()).toEqual([])
})

test('agents that find the same lease at the same time undo it once, one of them', async () => {
  const path = join(folder, 'a')
  const holder = { pid: process.pid, startedAt: 'another start' }
  store.write({ lease: 'shared', action: action('slow', path), until: now() + 60_000, holder })
  const agents = [fresh(), fresh(), fresh()]
  const recovered = await Promise.all(
    agents.map(async (agent) => {
      // The two ways in which one agent recovers, at the same time.
      const [own] = await Promise.all([agent.recover(), agent.settle(['shared'], 10_000)])
      return own
    }),
  )
  expect(order).toEqual(['slow'])
  expect(recovered.flat().filter((one) => 'error' in one)).toEqual([])
  expect(store.all()).toEqual([])
})

test('a holder and an agent that finds its lease long after its time undo it once', async () => {
  const path = join(folder, 'a')
  const holder = fresh()
  await holder.take('late', 60_000, action('slow', path))
  const [stored] = store.all()
  if (!stored) throw new Error('it is not on the disk')
  store.write({ ...stored, until: now() - 60_000 })
  const [recovered] = await Promise.all([fresh().recover(), holder.release('late')])
  expect(recovered.filter((one) => 'error' in one)).toEqual([])
  expect(order).toEqual(['slow'])
  expect(store.all()).toEqual([])
})
