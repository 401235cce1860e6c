/** An error for users: what failed, what to do, and a stable code for tests and scripts. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  /** `HF_...`, one for each kind of error. */
  readonly code: `HF_${string}`
  /** What to do, as an imperative sentence. */
  readonly hint: string
  /** Exit code of the command line: 64 for a usage error, 2 for a harness error. */
  readonly exitCode: 2 | 64

  constructor(code: `HF_${string}`, message: string, options: { hint: string; exitCode?: 2 | 64; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.exitCode = options.exitCode ?? 2
  }
}
