import type { Evidence, FaultTarget } from '../record/records.ts'

/** A fault as a value: what it would hit, and how it is done and undone. */
export interface Fault {
  readonly name: string
  readonly target: FaultTarget
  /** True for what is never undone: a machine lost for good. */
  readonly permanent?: boolean
  /** Why it can't be done here, or undefined. Nothing is touched by asking. */
  available(): Promise<string | undefined>
  /** Does it, and answers with the evidence that it bit. @throws when it can't be proven */
  inject(lease: { readonly id: string; readonly ttlMs: number }): Promise<readonly Evidence[]>
  /** Undoes it, and answers with the evidence that it ended. */
  heal(lease: { readonly id: string }): Promise<readonly Evidence[]>
}

/** A fault in force. Disposing it heals it; healing twice is healing once. */
export interface Lease extends AsyncDisposable {
  readonly fault: Fault
  readonly evidence: readonly Evidence[]
  heal(): Promise<void>
}
