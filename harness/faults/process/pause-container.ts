import { z } from 'zod'
import { agentFault } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsContainer } from './container.ts'

/** Stops every process of a container of a pod until reverted. Its probes fail, and its kubelet reacts as configured. */
export const pauseContainer = defineFault({
  name: 'pause-container',
  describe: 'Freezes every process of a container of a pod (SIGSTOP)',
  hits: 'container',
  evidence: {
    confirmed: "every process in the container's cgroup is in state T (stopped)",
    cleared: 'no process in it is in state T, or the container is gone',
  },
  options: z.object({}),
  create: (ref) => {
    const { namespace, pod, container } = ref
    return agentFault({
      ...hitsContainer(ref),
      action: () => ({ do: 'container-pause', params: { namespace, pod, container } }),
      confirmed: `every process of ${container} of ${namespace}/${pod} is stopped`,
      cleared: `no process of ${container} of ${namespace}/${pod} is stopped`,
    })
  },
})
