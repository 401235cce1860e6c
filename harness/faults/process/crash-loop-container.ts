import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsContainer, loopEnded, restartedAgainWithinMs, runsAnew } from './container.ts'

/** Kills a container of a pod every `everyMs` until reverted; its kubelet restarts it each time. */
export const crashLoopContainer = defineFault({
  name: 'crash-loop-container',
  describe: 'Kills a container of a pod repeatedly; its kubelet restarts it each time',
  hits: 'container',
  evidence: { confirmed: 'two containers with different ids were killed', cleared: loopEnded },
  options: z.object({
    everyMs: z.number().int().min(1).default(1_000).describe('milliseconds between kills'),
  }),
  create: (ref, { everyMs }) => {
    const { namespace, pod, container } = ref
    return runsAnew(ref, {
      ...hitsContainer(ref),
      action: () => ({ do: 'container-loop', params: { namespace, pod, container, first: 'SIGKILL', everyMs } }),
      confirmed: `two successive containers ${container} of ${namespace}/${pod} were killed`,
      proven: { by: ({ ended }) => Number(ended) >= 2, withinMs: everyMs * 2 + restartedAgainWithinMs },
      cleared: `${container} of ${namespace}/${pod} runs in a new container, and the loop has ended`,
    })
  },
})
