import { setTimeout as delay } from 'node:timers/promises'

/** Calls `act` again `everyMs` after it has ended, until disposed. The first error ends the loop and is passed to `onTrouble`. */
export function repeatedly(
  act: () => Promise<void>,
  everyMs: number,
  onError: (reason: unknown) => void,
): AsyncDisposable {
  const stop = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await act()
      await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const ended = loop().catch(onError)
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await ended
    },
  }
}
