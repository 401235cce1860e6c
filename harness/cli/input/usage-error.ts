import { HoldfastError } from '../../common/errors.ts'

/** An invalid value on the command line, in the environment or in the configuration file: exit code 64. */
export function usageError(message: string, hint: string): HoldfastError {
  return new HoldfastError('HF_USAGE', message, { hint, exitCode: 64 })
}
