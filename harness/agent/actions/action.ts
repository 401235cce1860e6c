import type { Facts } from '../rpc/results.ts'

/**
 * An operation that an agent applies to its machine for a fault, and can revert. One file each; index.ts lists them.
 *
 * Its parameters are plain data and contain everything that the revert needs: a new agent reverts from them alone. Names in
 * a kernel or on a disk derive from the parameters.
 */
export interface AgentAction<Name extends string, Params> {
  readonly name: Name
  /** True for an action that can block its machine while active (a frozen file system): it is reverted before all others. */
  readonly first?: boolean
  /**
   * Applies the action; resolves with the facts that confirm its effect. @throws when the effect is not confirmed; the
   * action is then reverted
   */
  do(params: Params): Promise<Facts>
  /**
   * Reverts the action, also when it is half applied or already gone; resolves with the facts that confirm the end. @throws
   * when the effect remains
   */
  undo(params: Params): Promise<Facts>
  /** Reads the effect so far while the action is active: packets dropped, time stalled. */
  evidence?(params: Params): Promise<Facts>
}

/** Checks an action's shape and keeps the literal type of its name, from which the protocol's `Action` derives. */
export function agentAction<const Name extends string, Params>(
  action: AgentAction<Name, Params>,
): AgentAction<Name, Params> {
  return action
}
