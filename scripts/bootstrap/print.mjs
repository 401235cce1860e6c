/**
 * Writes a line for people to stderr: stdout is for programs.
 * @param {string} text
 */
export function print(text) {
  process.stderr.write(`${text}\n`)
}

/** A requirement that can't be met: one sentence and how to fix it. Exit code 64 is for an invalid setting. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string} fix
   * @param {2 | 64} [exitCode]
   */
  constructor(message, fix, exitCode = 2) {
    super(message)
    this.fix = fix
    this.exitCode = exitCode
  }
}
