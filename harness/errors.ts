/** What a user is told when something can't go on: one sentence, what to do, and a code that tests and scripts can rely on. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  /** `HF_...`, one for each kind of trouble. */
  readonly code: `HF_${string}`
  /** What to try, as an imperative sentence. */
  readonly hint: string
  /** The exit code that the command line ends with: 64 for usage, 2 for a rig that failed. */
  readonly exitCode: 2 | 64

  constructor(code: `HF_${string}`, message: string, options: { hint: string; exitCode?: 2 | 64; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.exitCode = options.exitCode ?? 2
  }
}
