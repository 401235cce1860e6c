import { z } from 'zod'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { hitsContainer } from './container.ts'
import type { Fault } from '../engine/fault.ts'
import { type ContainerRef, faultKind } from '../engine/fault-kind.ts'
import { heldBackWithinMs, refuseShare } from './slow.ts'

/** Limits a container to `percent` of one CPU. The kernel never throttles a container that only sleeps, as `pause` does. */
export function slowContainer(ref: ContainerRef, { percent }: { readonly percent: number }): Fault {
  refuseShare(percent)
  const { namespace, pod, container } = ref
  return agentFault({
    ...hitsContainer(ref),
    name: 'slow-container',
    action: (lease) => ({
      do: 'container-slow',
      params: { namespace, pod, container, name: kernelName(lease), percent },
    }),
    bit: `the kernel has throttled ${container} of ${namespace}/${pod}`,
    proven: { by: ({ throttled }) => Number(throttled) > 0, withinMs: heldBackWithinMs },
    ended: `${container} of ${namespace}/${pod} has its previous quota`,
  })
}

export const slowContainerKind = faultKind({
  name: 'slow-container',
  group: 'process',
  describe: 'Limits a container of a pod to a share of one CPU (CPU quota)',
  hits: 'container',
  evidence: {
    bit: "the kernel's throttling counter of the container has increased",
    ended: 'its cgroup has the previous quota, or is gone with the container',
  },
  options: z.object({ percent: z.number().min(1).default(5).describe('percent of one CPU') }),
  make: (ref, options) => slowContainer(ref, options),
})
