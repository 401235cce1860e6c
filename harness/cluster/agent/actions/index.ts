import type { AgentAction } from './action.ts'
import { cut } from './cut.ts'
import { deleteRoutes } from './delete-routes.ts'
import { deleteRule } from './delete-rule.ts'
import { flushProxy } from './flush-proxy.ts'
import { impair } from './impair.ts'
import { pause } from './pause.ts'
import { removeCni } from './remove-cni.ts'
import { shape } from './shape.ts'
import { signal } from './signal.ts'
import { staleConntrack } from './stale-conntrack.ts'

/** Everything that an agent can do to its machine under a lease. */
export const actions = [
  cut,
  deleteRoutes,
  deleteRule,
  flushProxy,
  impair,
  pause,
  removeCni,
  shape,
  signal,
  staleConntrack,
] as const

type Known = (typeof actions)[number]

/** What goes over the wire and onto the disk: an action's name and its parameters. */
export type Action = Known extends infer One
  ? One extends AgentAction<infer Name, infer Params>
    ? { readonly do: Name; readonly params: Params }
    : never
  : never
