import { durationMs, longestTimerMs } from '../../common/duration.ts'
import { HoldfastError } from '../../common/errors.ts'

/** Added to the requested time for the fault's TTL, so that normally the command reverts the fault first. */
export const marginMs = 10_000

/** The longest timer without the margin, in whole hours. */
const longestHours = Math.floor((longestTimerMs - marginMs) / 3_600_000)
const longestMs = longestHours * 3_600_000

/**
 * Parses the value of `--for` to milliseconds.
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

/** Returns 0 for an invalid duration, which is refused with the same message as 0s. */
function read(text: string): number {
  try {
    return durationMs(text)
  } catch {
    return 0
  }
}

/**
 * Refuses fault options (`everyMs=...`, `timeoutSeconds=...`) that exceed the longest timer.
 * @throws HoldfastError HF_BAD_OPTION
 */
export function refuseLongOptions(args: readonly string[]): void {
  for (const word of args) {
    const [, name = '', unit, value] = /^(\w+(Ms|Seconds))=(.+)$/.exec(word) ?? []
    if (!unit || !(Number(value) * (unit === 'Ms' ? 1 : 1000) > longestMs)) continue
    throw new HoldfastError('HF_BAD_OPTION', `Invalid option ${word}: expected at most ${longestHours} hours.`, {
      hint: `Give a smaller ${name}.`,
      exitCode: 64,
    })
  }
}
