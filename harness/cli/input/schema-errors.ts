import type { z } from 'zod'
import { didYouMean } from './suggest.ts'

/** Formats schema errors, one line each: path, expected, got. `known` lists the valid keys. */
export function schemaErrors(error: z.ZodError, value: unknown, known: readonly string[]): string[] {
  return error.issues.flatMap((issue) => describe(issue, value, known))
}

function describe(issue: z.core.$ZodIssue, value: unknown, known: readonly string[]): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `unknown key "${key}".${didYouMean(key, known)}`)
  }
  const path = issue.path.join('.')
  const got = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
  return [`${path === '' ? 'top level' : path}: expected ${expectation(issue)}, got ${JSON.stringify(got)}.`]
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ')
  if (issue.code === 'invalid_type')
    return issue.expected === 'int'
      ? 'a whole number'
      : `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'some text' : `at least ${issue.minimum}`
  return issue.message
}
