import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../../common/errors.ts'
import { formatError } from './format-error.ts'

function thrown(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}

describe('formats an error as message, code and hint', () => {
  test.each<[string, unknown, string, number]>([
    ['a HoldfastError', new HoldfastError('HF_USAGE', 'No.', { hint: 'Yes.', exitCode: 64 }), '[HF_USAGE]', 64],
    ['a file error', thrown(() => readFileSync('/dev/null/x')), "'/dev/null/x'. [HF_FILE]", 2],
    ['a bug', new TypeError('x is not a function'), '[HF_UNEXPECTED]', 2],
    ['a thrown string', 'text', '[HF_UNEXPECTED]', 2],
  ])('%s', (_, error, text, exitCode) => {
    expect(formatError(error, {})).toEqual({ text: expect.stringContaining(text), exitCode })
  })
})
