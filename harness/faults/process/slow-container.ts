import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsContainer } from './container.ts'
import { cpuShare, throttled } from './cpu-share.ts'

/**
 * Limits a container of a pod to `percent` of one CPU until reverted. The kernel never throttles a container that only sleeps,
 * as `pause` does.
 */
export const slowContainer = defineFault({
  name: 'slow-container',
  describe: 'Limits a container of a pod to a share of one CPU (CPU quota)',
  hits: 'container',
  evidence: {
    confirmed: "the kernel's throttling counter of the container has increased",
    cleared: 'its cgroup has the previous quota, or is gone with the container',
  },
  options: cpuShare,
  create: (ref, { percent }) => {
    const { namespace, pod, container } = ref
    return agentFault({
      ...hitsContainer(ref),
      action: (id) => ({
        do: 'container-slow',
        params: { namespace, pod, container, name: kernelName(id), percent },
      }),
      confirmed: `the kernel has throttled ${container} of ${namespace}/${pod}`,
      proven: throttled,
      cleared: `${container} of ${namespace}/${pod} has its previous quota`,
    })
  },
})
