import { limitContainer, liftContainerLimit, throttled } from '../../kernel/container-quota.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Key of the saved previous quota. */
  readonly name: string
  /** Percent of one processor. */
  readonly percent: number
}

/** Limits a container to a share of one processor, by the quota of its own cgroup. */
export const containerSlow = agentAction({
  name: 'container-slow',
  do: ({ name, percent, ...container }: Params) => limitContainer(container, name, percent),
  undo: ({ name }) => liftContainerLimit(name),
  evidence: ({ name }) => throttled(name),
})
