import { freezeContainer } from '../container-processes.ts'
import { agentAction } from './action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** Stops every process of a container: it goes on to exist, and answers nobody. */
export const containerPause = agentAction({
  name: 'container-pause',
  do: (container: Params) => freezeContainer(container, true),
  undo: (container) => freezeContainer(container, false),
})
