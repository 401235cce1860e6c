import { end, start } from '../supervisor.ts'
import { agentAction } from './action.ts'

export const endingSignals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGHUP'] as const

interface Params {
  readonly component: string
  /** One that ends a process unless that handles it otherwise; whether it did is seen. */
  readonly signal: (typeof endingSignals)[number]
  /** Its supervisor leaves it down until the action is undone. */
  readonly stay: boolean
}

/** Ends a component's process. Undone by asking its supervisor for it again, which is no news to one that runs. */
export const signal = agentAction({
  name: 'signal',
  do: ({ component, signal, stay }: Params) => end(component, signal, stay),
  undo: ({ component }) => start(component),
})
