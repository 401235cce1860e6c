import { cpuCgroup, limitCpu, liftCpuLimit } from '../cpu-limit.ts'
import { agentAction } from './action.ts'

interface Params {
  readonly component: string
  /** The name of the cgroup that is made for it. */
  readonly cgroup: string
  /** Of one processor, in percent. */
  readonly percent: number
}

/** Gives a component a share of one processor and no more, in a cgroup of its own. */
export const slow = agentAction({
  name: 'slow',
  do: ({ component, cgroup, percent }: Params) => limitCpu(component, cgroup, percent),
  undo: ({ component, cgroup }) => liftCpuLimit(component, cgroup),
  proof: ({ cgroup }) => cpuCgroup(cgroup),
})
