import { setTimeout as delay } from 'node:timers/promises'

/** Does something again and again, `everyMs` after it was done, until disposed; what goes wrong is told once and ends it. */
export function repeatedly(
  act: () => Promise<void>,
  everyMs: number,
  onTrouble: (reason: unknown) => void,
): AsyncDisposable {
  const stop = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await act()
      await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const ended = loop().catch(onTrouble)
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await ended
    },
  }
}
