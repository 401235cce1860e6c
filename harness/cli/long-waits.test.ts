import { expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { interruptible } from './interrupt.ts'
import { formatWaits } from './long-waits.ts'

/** Starts so many waits, and hands back what ends them all. */
async function waiting(count: number): Promise<() => Promise<unknown>> {
  const stop = new AbortController()
  const seen = Promise.withResolvers<void>()
  const waits = Array.from({ length: count }, (_, n) =>
    eventually(
      `pod ${n} to be gone`,
      () => {
        if (n === count - 1) seen.resolve()
        throw new Error(`pod ${n} is held by finalizer x`)
      },
      { withinMs: 60_000, signal: stop.signal },
    ).catch(() => undefined),
  )
  await seen.promise
  return () => (stop.abort(), Promise.all(waits))
}

test('a signal says what is being waited for and what was last seen', async () => {
  const end = await waiting(1)
  const notes: string[] = []
  {
    using interrupt = interruptible({ note: (text) => notes.push(text) }, 'healing ...')
    process.emit('SIGINT', 'SIGINT')
    expect(interrupt.signal.aborted).toBe(true)
  }
  expect(notes).toEqual([
    expect.stringMatching(/^Waiting for pod 0 to be gone \(\d+ s\); last seen: pod 0 is held by finalizer x\.$/),
    'SIGINT: healing ...',
  ])
  await end()
  expect(formatWaits()).toEqual([])
})

test('many waits are counted, not listed', async () => {
  const end = await waiting(8)
  expect(formatWaits()).toHaveLength(6)
  expect(formatWaits().at(-1)).toBe('... and 3 more waits.')
  expect(formatWaits(() => false)).toEqual([])
  await end()
})
