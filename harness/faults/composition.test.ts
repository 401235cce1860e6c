import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Conductor, after, lasting, repeat, sequence, staggered, together } from './composition.ts'
import type { Fault } from './fault.ts'

/* The order in which plans do things, with faults that only have a name. */

const fault = (name: string, claims: readonly string[] = []): Fault => ({
  name,
  target: { machines: [] },
  claims,
  available: () => Promise.resolve(undefined),
  inject: () => Promise.resolve([]),
  heal: () => Promise.resolve([]),
  undo: () => [],
})

function conductor(failing?: string): Conductor & { readonly told: string[] } {
  const told: string[] = []
  return {
    told,
    signal: new AbortController().signal,
    inject: async ({ name }) => {
      await delay(1)
      if (name === failing) throw new Error(`${name} did not bite`)
      told.push(`+${name}`)
      return { heal: async () => void told.push(`-${name}`) }
    },
  }
}

const [a, b, c] = [fault('a'), fault('b'), fault('c')]

test('together: all are in force, and all are healed', async () => {
  const it = conductor()
  const healable = await together(a, b).start(it)
  expect(it.told.toSorted()).toEqual(['+a', '+b'])
  await healable.heal()
  expect(it.told.slice(2).toSorted()).toEqual(['-a', '-b'])
})

test('sequence: one after the other, and back', async () => {
  const it = conductor()
  await (await sequence(a, together(b), c).start(it)).heal()
  expect(it.told).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
})

test('what lasts for a time is over before the next begins', async () => {
  const it = conductor()
  const healable = await sequence(lasting(5, a), b).start(it)
  expect(it.told).toEqual(['+a', '-a', '+b'])
  await healable.heal()
  expect(it.told.at(-1)).toBe('-b')
})

test('repeat: in and out, as often as it says', async () => {
  const it = conductor()
  await repeat(3, lasting(1, a)).start(it)
  expect(it.told).toEqual(['+a', '-a', '+a', '-a', '+a', '-a'])
})

test('staggered: each later than the one before', async () => {
  const it = conductor()
  await (await staggered(20, a, b, c).start(it)).heal()
  expect(it.told.slice(0, 3)).toEqual(['+a', '+b', '+c'])
})

test('after: nothing before the event, and nothing at all without it', async () => {
  const it = conductor()
  let happened = false
  const event = { what: 'it to happen', seen: () => happened, withinMs: 5_000 }
  const started = after(event, a).start(it)
  await delay(30)
  expect(it.told).toEqual([])
  happened = true
  await started
  expect(it.told).toEqual(['+a'])
  const never = { what: 'nothing', seen: () => false, withinMs: 20 }
  await expect(after(never, b).start(it)).rejects.toMatchObject({ code: 'HF_NOT_IN_TIME' })
  expect(it.told).toEqual(['+a'])
})

test.each([
  ['together', together(a, fault('bad'), c)],
  ['sequence', sequence(a, fault('bad'), c)],
])('%s: one that does not bite leaves none of the others in force', async (_, plan) => {
  const it = conductor('bad')
  await expect(plan.start(it)).rejects.toThrow('bad did not bite')
  const [done, undone] = ['+', '-'].map((sign) =>
    it.told.filter((one) => one.startsWith(sign)).map((one) => one.slice(1)),
  )
  expect(undone?.toSorted()).toEqual(done?.toSorted())
})

test('parts that exclude each other are refused, unless the one is over before the other begins', () => {
  const [x, y] = [fault('x', ['worker1']), fault('y', ['worker1/kubelet'])]
  const clash = expect.objectContaining({ code: 'HF_FAULTS_CLASH' })
  expect(() => together(x, y).refuse()).toThrow(clash)
  expect(() => staggered(1, lasting(1, x), y).refuse()).toThrow(clash)
  expect(() => sequence(x, y).refuse()).toThrow(clash)
  expect(() => sequence(a, repeat(2, together(x, y))).refuse()).toThrow(clash)
  expect(() => sequence(lasting(1, x), y).refuse()).not.toThrow()
})
