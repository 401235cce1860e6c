import { freezeContainer } from '../../processes/container-processes.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** Stops every process of a container: the container still exists but does not answer. */
export const containerPause = agentAction({
  name: 'container-pause',
  do: (container: Params) => freezeContainer(container, true),
  undo: (container) => freezeContainer(container, false),
})
