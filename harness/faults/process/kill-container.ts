import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsContainer, runsAnew } from './container.ts'

/** Kills a container's first process; reverted when its kubelet runs a container with another id. */
export const killContainer = defineFault({
  name: 'kill-container',
  describe: "Kills a container of a pod, or the pod's sandbox (`pause`), without its kubelet",
  hits: 'container',
  evidence: {
    confirmed: "the container's first process (pid and start time) is gone from /proc",
    cleared: 'the runtime runs a container of that name with another id',
  },
  options: z.object({ signal: z.enum(['SIGKILL', 'SIGTERM']).default('SIGKILL').describe('the signal') }),
  create: (ref, { signal }) => {
    const { namespace, pod, container } = ref
    return runsAnew(ref, {
      ...hitsContainer(ref),
      action: () => ({ do: 'container-signal', params: { namespace, pod, container, signal } }),
      confirmed: `the first process of ${container} of ${namespace}/${pod} is gone`,
      cleared: `${container} of ${namespace}/${pod} runs in a new container`,
    })
  },
})
