import { HoldfastError } from '../errors.ts'

/*
 * Settings with which a fault would change nothing, and would be proven all the same: a hog of 0 MiB holds what it was asked
 * for. They are refused before anything is touched, for people and for scenarios alike.
 */

export function noEffect(message: string, { hint }: { readonly hint: string }): HoldfastError {
  return new HoldfastError('HF_BAD_OPTION', message, { hint, exitCode: 64 })
}

/** @throws HoldfastError HF_BAD_OPTION unless the setting has an effect */
export function hasEffect(
  fault: string,
  name: string,
  has: boolean,
  value: unknown,
  expected = 'greater than 0',
): void {
  if (has) return
  throw noEffect(`Invalid ${name} ${JSON.stringify(value)} for ${fault}: must be ${expected}.`, {
    hint: `Leave ${name} out, or set it so that it has an effect.`,
  })
}

/** Each of these is a number above 0. @throws HoldfastError HF_BAD_OPTION */
export function requirePositive(fault: string, values: object): void {
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    hasEffect(fault, name, typeof value === 'number' && value > 0 && Number.isFinite(value), value)
  }
}
