import type { Evidence, FaultTarget } from '../../record/records.ts'
import type { Undo } from './undo.ts'

/** The target of a fault, and how it is injected and reverted. */
export interface FaultBody {
  readonly target: FaultTarget
  /** True for a fault that is never reverted, for example a lost machine. */
  readonly permanent?: boolean
  /**
   * What the fault claims exclusively while it is active, as paths: `worker1/kubelet`. A second fault that claims the same
   * path, a part of it or its parent is refused.
   */
  readonly claims?: readonly string[]
  /** True for a fault that can block a machine or the host: it is reverted before all others. */
  readonly first?: boolean
  /** Why the fault can't be injected, or undefined. Has no side effects. */
  available(): Promise<string | undefined>
  /**
   * Injects the fault and returns the evidence of its effect. `signal` ends waits for evidence; `heal` then reverts the fault.
   * @throws when the effect is not confirmed
   */
  inject(injection: {
    readonly id: string
    readonly ttlMs: number
    readonly signal?: AbortSignal | undefined
  }): Promise<readonly Evidence[]>
  /** Reverts the fault and returns the evidence that its effect is cleared. */
  heal(injection: { readonly id: string }): Promise<readonly Evidence[]>
  /** How another process reverts the fault, stored before `inject`. Empty for a fault that is permanent or ends by itself. */
  undo(injection: { readonly id: string }): readonly Undo[] | Promise<readonly Undo[]>
}

/** A fault as a value, ready to be injected. `name` is its name on the command line. */
export interface Fault extends FaultBody {
  readonly name: string
}

/** An active fault. Disposing reverts it; reverting is idempotent. */
export interface ActiveFault extends AsyncDisposable {
  readonly fault: Fault
  readonly evidence: readonly Evidence[]
  heal(): Promise<void>
}
