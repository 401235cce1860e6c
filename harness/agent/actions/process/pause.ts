import { freeze, thaw } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

/** Freezes a component's process: its connections stay open without answers. */
export const pause = agentAction({
  name: 'pause',
  do: ({ component }: { readonly component: string }) => freeze(component),
  undo: ({ component }) => thaw(component),
})
