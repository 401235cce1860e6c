import { expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { interruptible } from '../interrupt.ts'
import { formatWaits } from './long-waits.ts'

/** Starts `count` waits; returns a function that ends them. */
async function waiting(count: number): Promise<() => Promise<unknown>> {
  const stop = new AbortController()
  const seen = Promise.withResolvers<void>()
  const waits = Array.from({ length: count }, (_, n) =>
    eventually(
      `deletion of pod ${n}`,
      () => {
        if (n === count - 1) seen.resolve()
        throw new Error(`pod ${n} has finalizer x`)
      },
      { timeoutMs: 60_000, signal: stop.signal },
    ).catch(() => undefined),
  )
  await seen.promise
  return () => (stop.abort(), Promise.all(waits))
}

test('a signal prints each wait and its last observation', async () => {
  const end = await waiting(1)
  const notes: string[] = []
  {
    using interrupt = interruptible({ note: (text) => notes.push(text) }, 'reverting ...')
    process.emit('SIGINT', 'SIGINT')
    expect(interrupt.signal.aborted).toBe(true)
  }
  expect(notes).toEqual([
    expect.stringMatching(/^Waiting for deletion of pod 0 \(\d+ s\); last seen: pod 0 has finalizer x\.$/),
    'SIGINT: reverting ...',
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
