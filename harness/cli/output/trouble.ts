import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'

/** An error as the command line reports it. */
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
      text: `${error.message}. [HF_FILE]\n  Check permissions and free space of ${error.path}, or give another path.`,
      exitCode: 2,
    }
  const message = errorMessage(error)
  return {
    text: `Unexpected error: ${message.split('\n')[0]} [HF_UNEXPECTED]\n  Set DEBUG=1 and run the command again for a stack trace.`,
    exitCode: 2,
  }
}

/** Recognizes a refused file operation; its message names the reason and the path. */
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
