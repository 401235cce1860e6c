import type { Facts } from '../protocol.ts'

/**
 * Something that an agent does to its machine under a lease, and can undo. One file each; index.ts is the list.
 *
 * Its parameters are plain data and hold everything that undoing takes: a fresh agent, which knows nothing of what the
 * one before it did, undoes from them alone. What is put into a kernel or on a disk has a name that follows from them.
 */
export interface AgentAction<Name extends string, Params> {
  readonly name: Name
  /** True for what can wedge a machine while it lasts (a frozen file system): it is undone before everything else. */
  readonly first?: boolean
  /** Does it, and answers with what shows that it bit. @throws when it can't be shown; it is undone then */
  do(params: Params): Promise<Facts>
  /** Undoes it, wholly or half done or gone already, and answers with what shows that it ended. @throws when it has not */
  undo(params: Params): Promise<Facts>
  /** What it has done so far, read while it is in force: packets dropped, time stalled. */
  proof?(params: Params): Promise<Facts>
}

/** Checks an action's shape and keeps its name's own type, from which the protocol's `Action` is made. */
export function agentAction<const Name extends string, Params>(
  action: AgentAction<Name, Params>,
): AgentAction<Name, Params> {
  return action
}
