import { end, start } from '../supervisor.ts'
import { agentAction } from './action.ts'

interface Params {
  readonly component: string
  readonly signal: 'SIGKILL' | 'SIGTERM'
  /** Its supervisor leaves it down until the action is undone. */
  readonly stay: boolean
}

/** Ends a component's process. Undone by asking its supervisor for it again, which is no news to one that runs. */
export const signal = agentAction({
  name: 'signal',
  do: ({ component, signal, stay }: Params) => end(component, signal, stay),
  undo: ({ component }) => start(component),
})
