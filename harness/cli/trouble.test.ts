import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { HoldfastError } from '../errors.ts'
import { troubleOf } from './trouble.ts'

function thrown(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}

describe('an error becomes one sentence, a code and what to do', () => {
  test.each<[string, unknown, string, number]>([
    ['of ours', new HoldfastError('HF_USAGE', 'No.', { hint: 'Yes.', exitCode: 64 }), '[HF_USAGE]', 64],
    ['of a file', thrown(() => readFileSync('/dev/null/x')), "'/dev/null/x'. [HF_FILE]", 2],
    ['of a bug', new TypeError('x is not a function'), '[HF_UNEXPECTED]', 2],
    ['that is no error', 'text', '[HF_UNEXPECTED]', 2],
  ])('%s', (_, error, text, exitCode) => {
    expect(troubleOf(error, {})).toEqual({ text: expect.stringContaining(text), exitCode })
  })
})
