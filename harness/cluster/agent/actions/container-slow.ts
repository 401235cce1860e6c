import { limitContainer, liftContainerLimit, throttled } from '../container-quota.ts'
import { agentAction } from './action.ts'

interface Params {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** What was there before is kept under this name. */
  readonly name: string
  /** Of one processor. */
  readonly percent: number
}

/** Gives a container a share of one processor and no more, by the quota of its own cgroup. */
export const containerSlow = agentAction({
  name: 'container-slow',
  do: ({ name, percent, ...container }: Params) => limitContainer(container, name, percent),
  undo: ({ name }) => liftContainerLimit(name),
  proof: ({ name }) => throttled(name),
})
