import type { z } from 'zod'
import { HoldfastError } from '../../common/errors.ts'
import type { Fault } from './fault.ts'
import type { AnyFaultKind, FaultKind, FaultContext, Targets } from './fault-kind.ts'

/**
 * Creates a fault for a target, without side effects.
 * @throws HoldfastError HF_BAD_OPTION, and errors of the kind for a target that it can't hit
 */
export function createFault(kind: AnyFaultKind, target: unknown, options: unknown, context: FaultContext): Fault {
  const { create } = kind as FaultKind<keyof Targets, z.ZodObject, unknown>
  return { ...create(target, validOptions(kind, options), context), name: kind.name }
}

/** Validates the options of a fault and adds its defaults. @throws HoldfastError HF_BAD_OPTION */
export function validOptions(kind: AnyFaultKind, given: unknown = {}): Record<string, unknown> {
  const { success, data, error } = kind.options.strict().safeParse(given, { reportInput: true })
  if (success) return data
  throw badOption(kind, error.issues.map(formatIssue).join('; '))
}

export function badOption({ name, options }: AnyFaultKind, why: string): HoldfastError {
  const known = Object.entries(options.shape).map(([option, field]) => `${option} (${field.description ?? ''})`)
  return new HoldfastError('HF_BAD_OPTION', `Invalid options for ${name}: ${why}.`, {
    hint: known.length > 0 ? `Options of ${name}: ${known.join(', ')}.` : `${name} has no options.`,
    exitCode: 64,
  })
}

function formatIssue({ path, input, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')} ${JSON.stringify(input)}: ${message}`
}
