import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsContainer, loopEnded, restartedAgainWithinMs, runsAnew } from './container.ts'

/** Interval of the check for a restarted container, which is then killed. */
const checkEveryMs = 50

/** Terminates a container of a pod (SIGTERM) and kills each replacement, so that it stays down until reverted. */
export const stopContainer = defineFault({
  name: 'stop-container',
  describe: 'Terminates a container of a pod (SIGTERM) and kills every replacement that its kubelet starts',
  hits: 'container',
  evidence: { confirmed: 'its process is gone, and the runtime runs no container of that name', cleared: loopEnded },
  options: z.object({}),
  create: (ref) => {
    const { namespace, pod, container } = ref
    const params = { namespace, pod, container, first: 'SIGTERM', everyMs: checkEveryMs } as const
    return runsAnew(ref, {
      ...hitsContainer(ref),
      action: () => ({ do: 'container-loop', params }),
      confirmed: `no container ${container} of ${namespace}/${pod} runs`,
      proven: { by: ({ running }) => running === false, withinMs: restartedAgainWithinMs },
      cleared: `${container} of ${namespace}/${pod} runs in a new container`,
    })
  },
})
