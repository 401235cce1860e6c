import type { AgentAction } from './action.ts'
import type * as actions from './index.ts'

type Known = (typeof actions)[keyof typeof actions]

/** The form on the wire and on disk: an action's name and its parameters. */
export type Action = Known extends infer One
  ? One extends AgentAction<infer Name, infer Params>
    ? { readonly do: Name; readonly params: Params }
    : never
  : never
