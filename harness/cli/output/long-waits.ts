import { type Wait, waitsNow } from '../../common/eventually.ts'
import type { Output } from './output.ts'

const longMs = 10_000
/** A boot waits for dozens of conditions at once. */
const most = 5

/** Formats the current waits, longest first, one line each: condition, seconds so far, last observation. */
export function formatWaits(which: (wait: Wait) => boolean = () => true): string[] {
  const waits = waitsNow().filter(which)
  const lines = waits.slice(0, most).map(({ what, began, lastSeen }) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    return `Waiting for ${what} (${seconds} s); last seen: ${lastSeen}.`
  })
  return waits.length > most ? [...lines, `... and ${waits.length - most} more waits.`] : lines
}

/** Reports waits longer than ten seconds, every ten seconds, until disposed. */
export function reportLongWaits({ note }: Pick<Output, 'note'>): Disposable {
  const timer = setInterval(() => {
    for (const line of formatWaits(({ began }) => performance.now() - began >= longMs)) note(line)
  }, longMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
