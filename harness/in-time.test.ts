import { expect, test } from 'vitest'
import { inTime } from './in-time.ts'

const never = (): Promise<never> => new Promise(() => undefined)

test('what never ends is ended, and told to cancel what it has sent', async () => {
  let told: AbortSignal | undefined
  const late = inTime('the engine did not answer', { withinMs: 10 }, (signal) => {
    told = signal
    return never()
  })
  await expect(late).rejects.toMatchObject({ code: 'HF_TIMED_OUT' })
  expect(told?.aborted).toBe(true)
})

test('whoever waits can end it before its time', async () => {
  const stop = new AbortController()
  const late = inTime('the engine did not answer', { withinMs: 3_600_000, signal: stop.signal }, never)
  stop.abort(new Error('interrupted'))
  await expect(late).rejects.toThrow('interrupted')
})

test('an answer in time is the answer, and nothing is cancelled afterwards', async () => {
  let told: AbortSignal | undefined
  const answer = await inTime('it did not answer', { withinMs: 1_000 }, async (signal) => {
    told = signal
    return 'yes'
  })
  expect([answer, told?.aborted]).toEqual(['yes', false])
})
