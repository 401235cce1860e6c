import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'

const withinMs = 30

test('a wait that times out reports condition, duration and last observation', async () => {
  let pods = 3
  const wait = eventually('two pods', () => pods-- < -1_000, {
    timeoutMs: withinMs,
    intervalMs: 5,
    lastSeen: () => ({ pods: 'three' }),
  })
  await expect(wait).rejects.toMatchObject({
    code: 'HF_NOT_IN_TIME',
    what: 'two pods',
    afterMs: withinMs,
    lastSeen: { pods: 'three' },
  })
})

test('an error of the last call is the last observation, and `lastSeen` is not called', async () => {
  const broken = (): never => {
    throw new Error('cart-0 has finalizer example.com/hold')
  }
  const wait = eventually('pods to go', broken, { timeoutMs: withinMs, lastSeen: () => 'never called' })
  await expect(wait).rejects.toMatchObject({ lastSeen: 'cart-0 has finalizer example.com/hold' })
})

test('without `lastSeen` the returned value is the last observation', async () => {
  await expect(eventually('it', () => false, { timeoutMs: withinMs })).rejects.toMatchObject({ lastSeen: false })
  await expect(eventually('it', () => undefined, { timeoutMs: withinMs })).rejects.toMatchObject({
    lastSeen: undefined,
  })
})

test('a call that never settles does not extend the wait and is reported', async () => {
  const silent = eventually('an answer', () => new Promise<true>(() => undefined), { timeoutMs: withinMs })
  await expect(silent).rejects.toMatchObject({ code: 'HF_NOT_IN_TIME', lastSeen: 'a call that was not answered' })
})

test('a call that the timeout cuts off does not hide the observation of the call before', async () => {
  let attempts = 0
  const fact = (): Promise<true> =>
    attempts++ === 0 ? Promise.reject(new Error('2 of 3 are Ready')) : new Promise(() => undefined)
  await expect(eventually('three pods', fact, { timeoutMs: withinMs, intervalMs: 1 })).rejects.toMatchObject({
    lastSeen: '2 of 3 are Ready',
  })
})

test('an abort ends a call that never settles', async () => {
  const stop = new AbortController()
  const silent = eventually('an answer', () => new Promise<true>(() => undefined), {
    timeoutMs: 3_600_000,
    signal: stop.signal,
  })
  stop.abort(new Error('interrupted'))
  await expect(silent).rejects.toThrow('interrupted')
})

test('a timeout of 0 polls once', async () => {
  expect(await eventually('it', () => 'there', { timeoutMs: 0 })).toBe('there')
  const later = () => new Promise<string>((resolve) => setTimeout(() => resolve('there'), 20))
  expect(await eventually('it', later, { timeoutMs: 0 })).toBe('there')
  await expect(eventually('it', () => Promise.resolve(false), { timeoutMs: 0 })).rejects.toMatchObject({
    code: 'HF_NOT_IN_TIME',
  })
})
