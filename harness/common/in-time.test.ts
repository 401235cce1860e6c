import { expect, test } from 'vitest'
import { inTime } from './in-time.ts'

const never = (): Promise<never> => new Promise(() => undefined)

test('a call that never settles times out, and its signal aborts', async () => {
  let received: AbortSignal | undefined
  const late = inTime('the engine did not answer', { withinMs: 10 }, (signal) => {
    received = signal
    return never()
  })
  await expect(late).rejects.toMatchObject({ code: 'HF_TIMED_OUT' })
  expect(received?.aborted).toBe(true)
})

test('the caller can abort before the timeout', async () => {
  const stop = new AbortController()
  const late = inTime('the engine did not answer', { withinMs: 3_600_000, signal: stop.signal }, never)
  stop.abort(new Error('interrupted'))
  await expect(late).rejects.toThrow('interrupted')
})

test('a result in time is returned, and its signal does not abort afterwards', async () => {
  let received: AbortSignal | undefined
  const answer = await inTime('it did not answer', { withinMs: 1_000 }, async (signal) => {
    received = signal
    return 'yes'
  })
  expect([answer, received?.aborted]).toEqual(['yes', false])
})
