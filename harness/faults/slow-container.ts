import { z } from 'zod'
import { agentFault, kernelName } from './agent-fault.ts'
import { hitsContainer } from './container.ts'
import type { Fault } from './fault.ts'
import { type ContainerRef, faultKind } from './fault-kind.ts'
import { heldBackWithinMs, refuseShare } from './slow.ts'

/** Gives a container `percent` of one processor and no more. One that sleeps for ever, as `pause` does, is never held back. */
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
    bit: `the kernel has held ${container} of ${namespace}/${pod} back`,
    proven: { by: ({ throttled }) => Number(throttled) > 0, withinMs: heldBackWithinMs },
    ended: `${container} of ${namespace}/${pod} has the quota that it had before`,
  })
}

export const slowContainerKind = faultKind({
  name: 'slow-container',
  group: 'process',
  describe: 'Gives a container of a pod a share of one processor and no more (CPU quota)',
  hits: 'container',
  evidence: {
    bit: 'the kernel counts more times at which it has held the container back than before',
    ended: 'its cgroup has the quota from before, or is gone with the container',
  },
  options: z.object({ percent: z.number().min(1).default(5).describe('of one processor') }),
  make: (ref, options) => slowContainer(ref, options),
})
