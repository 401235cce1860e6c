import { HoldfastError } from '../errors.ts'

/** How the command line ends after an error, and what it says: one sentence and what to try. */
export interface Trouble {
  readonly text: string
  readonly exitCode: number
}

export function troubleOf(error: unknown, env: NodeJS.ProcessEnv = process.env): Trouble {
  if (env['DEBUG']) return { text: stackOf(error), exitCode: error instanceof HoldfastError ? error.exitCode : 2 }
  if (error instanceof HoldfastError)
    return { text: `${error.message} [${error.code}]\n  ${error.hint}`, exitCode: error.exitCode }
  const message = error instanceof Error ? error.message : String(error)
  return {
    text: `Unexpected: ${message.split('\n')[0]} [HF_UNEXPECTED]\n  Run again with DEBUG=1 to see where.`,
    exitCode: 2,
  }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
