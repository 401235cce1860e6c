import { createInterface } from 'node:readline/promises'
import { HoldfastError } from '../../common/errors.ts'

/**
 * Prompts for confirmation on the terminal; `yes`, or HOLDFAST_YES in the environment, skips the prompt.
 * @throws HoldfastError HF_NOT_AGREED when the answer is not yes, or when there is no terminal
 */
export async function agree(question: string, yes: boolean): Promise<void> {
  if (yes || process.env['HOLDFAST_YES']) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw notAgreed('there is no terminal to confirm on')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw notAgreed(`the answer is "${answer.trim()}", expected "y" or "yes"`)
  } finally {
    terminal.close()
  }
}

function notAgreed(why: string): HoldfastError {
  return new HoldfastError('HF_NOT_AGREED', `Nothing was removed: ${why}.`, {
    hint: 'Add --yes to skip the confirmation.',
    exitCode: 64,
  })
}
