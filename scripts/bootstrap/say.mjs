/**
 * A line for people: always on stderr, so that stdout stays for machines.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** A need that can't be met: one sentence and what to do. Exit code 64 is for a setting that can't be meant. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string} mend
   * @param {2 | 64} [exitCode]
   */
  constructor(message, mend, exitCode = 2) {
    super(message)
    this.mend = mend
    this.exitCode = exitCode
  }
}
