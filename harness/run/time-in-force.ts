import { durationMs, longestTimerMs } from '../duration.ts'
import { HoldfastError } from '../errors.ts'

/** How much longer than asked for a fault may last: the command reverts it, and this is for when it can't. */
export const marginMs = 10_000

/** Rounded down to whole hours, with room for the margin. */
const longestHours = Math.floor((longestTimerMs - marginMs) / 3_600_000)
const longestMs = longestHours * 3_600_000

/**
 * How long a fault is to be in force, milliseconds.
 * @throws HoldfastError HF_BAD_TTL
 */
export function timeInForce(text: string): number {
  const ms = read(text)
  if (ms > 0 && ms <= longestMs) return ms
  throw new HoldfastError('HF_BAD_TTL', `Invalid --for "${text}": expected more than 0 and at most ${longestHours}h.`, {
    hint: 'Write a number and its unit: 250ms, 30s, 5m.',
    exitCode: 64,
  })
}

/** 0 for what is no duration: it is refused like 0s, with the same words. */
function read(text: string): number {
  try {
    return durationMs(text)
  } catch {
    return 0
  }
}

/**
 * Refuses an option of a fault, `everyMs=...` or `timeoutSeconds=...`, that no timer can wait for.
 * @throws HoldfastError HF_BAD_OPTION
 */
export function refuseLongOptions(words: readonly string[]): void {
  for (const word of words) {
    const [, name = '', unit, value] = /^(\w+(Ms|Seconds))=(.+)$/.exec(word) ?? []
    if (!unit || !(Number(value) * (unit === 'Ms' ? 1 : 1000) > longestMs)) continue
    throw new HoldfastError('HF_BAD_OPTION', `Invalid option ${word}: expected at most ${longestHours} hours.`, {
      hint: `Give a smaller ${name}.`,
      exitCode: 64,
    })
  }
}
