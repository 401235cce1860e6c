import { cpuCgroup, limitCpu, liftCpuLimit } from '../../kernel/cpu-limit.ts'
import { agentAction } from '../action.ts'

interface Params {
  readonly component: string
  /** Name of the cgroup to create. */
  readonly cgroup: string
  /** Percent of one processor. */
  readonly percent: number
}

/** Limits a component to a share of one processor, in its own cgroup. */
export const slow = agentAction({
  name: 'slow',
  do: ({ component, cgroup, percent }: Params) => limitCpu(component, cgroup, percent),
  undo: ({ component, cgroup }) => liftCpuLimit(component, cgroup),
  evidence: ({ cgroup }) => cpuCgroup(cgroup),
})
