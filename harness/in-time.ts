import { HoldfastError } from './errors.ts'

export interface TimeLimit {
  readonly withinMs: number
  readonly signal?: AbortSignal | undefined
  readonly hint?: string
}

/**
 * Does something that may never end. `act` gets a signal that is aborted when its time is over or `signal` is: what it has sent
 * out is then to be cancelled. `what` is a sentence without its end: "control-plane1 did not answer GET /livez".
 * @throws HoldfastError HF_TIMED_OUT
 */
export async function inTime<T>(
  what: string,
  { withinMs, signal, hint = 'Look at whether it still runs.' }: TimeLimit,
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
