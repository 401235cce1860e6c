import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type PlanContext, after, forDuration, repeat, sequence, staggered, together } from './composition.ts'
import type { Fault } from './fault.ts'

/* The order of injections and reversals in plans, with faults that have only a name. */

const fault = (name: string, claims: readonly string[] = []): Fault => ({
  name,
  target: { machines: [] },
  claims,
  available: () => Promise.resolve(undefined),
  inject: () => Promise.resolve([]),
  heal: () => Promise.resolve([]),
  undo: () => [],
})

function context(failing?: string): PlanContext & { readonly events: string[] } {
  const events: string[] = []
  return {
    events,
    signal: new AbortController().signal,
    inject: async ({ name }) => {
      await delay(1)
      if (name === failing) throw new Error(`${name} has no effect`)
      events.push(`+${name}`)
      return { heal: async () => void events.push(`-${name}`) }
    },
  }
}

const [a, b, c] = [fault('a'), fault('b'), fault('c')]

test('together: all parts are active, and all are reverted', async () => {
  const it = context()
  const healable = await together(a, b).start(it)
  expect(it.events.toSorted()).toEqual(['+a', '+b'])
  await healable.heal()
  expect(it.events.slice(2).toSorted()).toEqual(['-a', '-b'])
})

test('sequence: parts start in order and are reverted in reverse', async () => {
  const it = context()
  await (await sequence(a, together(b), c).start(it)).heal()
  expect(it.events).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
})

test('lasting: the part is reverted before the next one starts', async () => {
  const it = context()
  const healable = await sequence(forDuration(5, a), b).start(it)
  expect(it.events).toEqual(['+a', '-a', '+b'])
  await healable.heal()
  expect(it.events.at(-1)).toBe('-b')
})

test('repeat: injects and reverts the given number of times', async () => {
  const it = context()
  await repeat(3, forDuration(1, a)).start(it)
  expect(it.events).toEqual(['+a', '-a', '+a', '-a', '+a', '-a'])
})

test('staggered: parts start in order', async () => {
  const it = context()
  await (await staggered(20, a, b, c).start(it)).heal()
  expect(it.events.slice(0, 3)).toEqual(['+a', '+b', '+c'])
})

test('after: injects only after the event, and never without it', async () => {
  const it = context()
  let happened = false
  const event = { what: 'it to happen', seen: () => happened, withinMs: 5_000 }
  const started = after(event, a).start(it)
  await delay(30)
  expect(it.events).toEqual([])
  happened = true
  await started
  expect(it.events).toEqual(['+a'])
  const never = { what: 'nothing', seen: () => false, withinMs: 20 }
  await expect(after(never, b).start(it)).rejects.toMatchObject({ code: 'HF_NOT_IN_TIME' })
  expect(it.events).toEqual(['+a'])
})

test.each([
  ['together', together(a, fault('bad'), c)],
  ['sequence', sequence(a, fault('bad'), c)],
])('%s: a part without effect leaves no other part active', async (_, plan) => {
  const it = context('bad')
  await expect(plan.start(it)).rejects.toThrow('bad has no effect')
  const [done, undone] = ['+', '-'].map((sign) =>
    it.events.filter((one) => one.startsWith(sign)).map((one) => one.slice(1)),
  )
  expect(undone?.toSorted()).toEqual(done?.toSorted())
})

test('refuses parts that exclude each other, unless one is over before the other starts', () => {
  const [x, y] = [fault('x', ['worker1']), fault('y', ['worker1/kubelet'])]
  const clash = expect.objectContaining({ code: 'HF_FAULTS_CLASH' })
  expect(() => together(x, y).refuse()).toThrow(clash)
  expect(() => staggered(1, forDuration(1, x), y).refuse()).toThrow(clash)
  expect(() => sequence(x, y).refuse()).toThrow(clash)
  expect(() => sequence(a, repeat(2, together(x, y))).refuse()).toThrow(clash)
  expect(() => sequence(forDuration(1, x), y).refuse()).not.toThrow()
})
