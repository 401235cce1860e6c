/**
 * Returns an error as text. JavaScript, because the set-up needs it before the project's Node is installed.
 * @param {unknown} error
 * @returns {string}
 */
export function errorMessage(error) {
  if (!(error instanceof Error)) return String(error)
  // A SuppressedError, which old versions of Node lack: the error of a disposal hides the one before it.
  if ('suppressed' in error && 'error' in error)
    return [error.suppressed, error.error].map(errorMessage).join('; then ')
  if (error.message) return error.message
  // A connection that every address refused has a message for each address, but none of its own.
  return error instanceof AggregateError ? error.errors.map(errorMessage).join('; ') : error.name
}
