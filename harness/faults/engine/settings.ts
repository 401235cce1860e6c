import { HoldfastError } from '../../common/errors.ts'

/*
 * Refuses options with which a fault has no effect, although its evidence would confirm it: a hog of 0 MiB allocates what was
 * requested. The same checks apply on the command line and in scenarios.
 */

export function noEffect(message: string, { hint }: { readonly hint: string }): HoldfastError {
  return new HoldfastError('HF_BAD_OPTION', message, { hint, exitCode: 64 })
}

/** @throws HoldfastError HF_BAD_OPTION unless the option has an effect */
export function hasEffect(
  fault: string,
  name: string,
  has: boolean,
  value: unknown,
  expected = 'greater than 0',
): void {
  if (has) return
  throw noEffect(`Invalid ${name} ${JSON.stringify(value)} for ${fault}: must be ${expected}.`, {
    hint: `Omit ${name}, or give a valid value.`,
  })
}

/** Requires every value to be a number above 0. @throws HoldfastError HF_BAD_OPTION */
export function requirePositive(fault: string, values: object): void {
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    hasEffect(fault, name, typeof value === 'number' && value > 0 && Number.isFinite(value), value)
  }
}
