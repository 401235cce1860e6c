import { HoldfastError } from './errors.ts'

export interface TimeLimit {
  readonly withinMs: number
  readonly signal?: AbortSignal | undefined
  readonly hint?: string
}

/**
 * Runs `act` with a timeout. `act` receives a signal that aborts at the timeout, or when `signal` aborts, and cancels its
 * requests on it. `what` is the beginning of a sentence: "control-plane1 did not answer GET /livez".
 * @throws HoldfastError HF_TIMED_OUT
 */
export async function inTime<T>(
  what: string,
  { withinMs, signal, hint = 'Check that it is running.' }: TimeLimit,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const ended = new AbortController()
  const over = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    over.reject(reason)
    ended.abort(reason)
  }
  const timer = setTimeout(
    () => end(new HoldfastError('HF_TIMED_OUT', `${what} within ${withinMs} ms.`, { hint })),
    withinMs,
  )
  const abort = (): void => end(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([act(ended.signal), over.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
