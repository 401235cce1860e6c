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
  if (isOfAFile(error))
    return {
      text: `${error.message}. [HF_FILE]\n  Correct what is wrong with ${error.path}, or give another path.`,
      exitCode: 2,
    }
  const message = error instanceof Error ? error.message : String(error)
  return {
    text: `Unexpected: ${message.split('\n')[0]} [HF_UNEXPECTED]\n  Run again with DEBUG=1 to see where.`,
    exitCode: 2,
  }
}

/** An operation on a file or folder that the system refused: its own words name the reason and the path. */
function isOfAFile(error: unknown): error is NodeJS.ErrnoException & { readonly path: string } {
  const { code, path } = error as NodeJS.ErrnoException
  const codes = ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EROFS', 'ENOSPC', 'EDQUOT']
  return error instanceof Error && typeof path === 'string' && codes.includes(code ?? '')
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
