/**
 * Returns an error as text. JavaScript, because the set-up needs it before the project's Node is installed.
 * @param {unknown} error
 * @returns {string}
 */
export function errorMessage(error) {
  if (!(error instanceof Error)) return String(error)
  if (error.message) return error.message
  // A connection that every address refused has a message for each address, but none of its own.
  return error instanceof AggregateError ? error.errors.map(errorMessage).join('; ') : error.name
}
