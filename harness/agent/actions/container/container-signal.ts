import { endContainer } from '../../processes/container-processes.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  /** `pause` for the sandbox's own container. */
  readonly container: string
  readonly signal: 'SIGKILL' | 'SIGTERM'
}

/** Ends a container's first process, and with it the container. The kubelet restarts it, so there is nothing to revert. */
export const containerSignal = agentAction({
  name: 'container-signal',
  do: ({ signal, ...container }: Params) => endContainer(container, signal),
  undo: async ({ namespace, pod, container }) => ({ namespace, pod, container, undone: "by the pod's kubelet" }),
})
