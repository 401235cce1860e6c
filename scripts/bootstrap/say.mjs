/**
 * A line for people: always on stderr, so that stdout stays for machines.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** A need that can't be met: one sentence and what to do. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string} mend
   */
  constructor(message, mend) {
    super(message)
    this.mend = mend
  }
}
