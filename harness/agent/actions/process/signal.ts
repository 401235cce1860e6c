import { end, start } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

export const endingSignals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGHUP'] as const

interface Params {
  readonly component: string
  /** A signal that ends a process unless the process handles it; the action checks whether it ended. */
  readonly signal: (typeof endingSignals)[number]
  /** Its supervisor leaves it down until the action is reverted. */
  readonly stay: boolean
}

/** Ends a component's process. The revert requests it from its supervisor again, which does not affect a running one. */
export const signal = agentAction({
  name: 'signal',
  do: ({ component, signal, stay }: Params) => end(component, signal, stay),
  undo: ({ component }) => start(component),
})
