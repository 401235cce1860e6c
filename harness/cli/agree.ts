import { createInterface } from 'node:readline/promises'
import { HoldfastError } from '../errors.ts'

/**
 * Asks a person at a terminal; `yes`, or HOLDFAST_YES in the environment, answers for them.
 * @throws HoldfastError HF_NOT_AGREED when the answer is no, or when there is no one to ask
 */
export async function agree(question: string, yes: boolean): Promise<void> {
  if (yes || process.env['HOLDFAST_YES']) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw notAgreed('There is no terminal to ask at')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw notAgreed('The answer was no')
  } finally {
    terminal.close()
  }
}

function notAgreed(why: string): HoldfastError {
  return new HoldfastError('HF_NOT_AGREED', `${why}: nothing was removed.`, {
    hint: 'Repeat with --yes to go on without being asked.',
    exitCode: 64,
  })
}
