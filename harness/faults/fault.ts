import type { Evidence, FaultTarget } from '../record/records.ts'
import type { Undo } from './undo.ts'

/** A fault as a value: what it would hit, and how it is done and undone. */
export interface Fault {
  readonly name: string
  readonly target: FaultTarget
  /** True for what is never undone: a machine lost for good. */
  readonly permanent?: boolean
  /**
   * What it has for itself while it is in force, as paths: `worker1/kubelet`. Two faults of which one claims what the other
   * does, or a part of it, exclude each other: the second one is refused.
   */
  readonly claims?: readonly string[]
  /** True for what can wedge a machine or the host while it lasts: it is undone before everything else. */
  readonly first?: boolean
  /** Why it can't be done here, or undefined. Nothing is touched by asking. */
  available(): Promise<string | undefined>
  /**
   * Does it, and answers with the evidence that it bit. `signal` ends waits for evidence; what was begun is ended by `heal`.
   * @throws when it can't be proven
   */
  inject(lease: {
    readonly id: string
    readonly ttlMs: number
    readonly signal?: AbortSignal | undefined
  }): Promise<readonly Evidence[]>
  /** Undoes it, and answers with the evidence that it ended. */
  heal(lease: { readonly id: string }): Promise<readonly Evidence[]>
  /** How it is undone when this process is gone; on disk before `inject` is called. Empty for what is permanent or undoes itself. */
  undo(lease: { readonly id: string }): readonly Undo[] | Promise<readonly Undo[]>
}

/** A fault in force. Disposing it heals it; healing twice is healing once. */
export interface Lease extends AsyncDisposable {
  readonly fault: Fault
  readonly evidence: readonly Evidence[]
  heal(): Promise<void>
}
