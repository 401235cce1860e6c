import { z } from 'zod'
import { HoldfastError } from '../../common/errors.ts'
import { hitsContainer, runsAnew } from './container.ts'
import type { Fault } from '../engine/fault.ts'
import { type ContainerRef, faultKind } from '../engine/fault-kind.ts'

/** Interval of the check for a restarted container, which is then killed. */
const lookEveryMs = 50
/** The kubelet's back-off grows: the first restart comes within seconds, the second after ten. */
const secondWithinMs = 60_000

/** Kills a container and each replacement of its kubelet every `everyMs`, until reverted. */
export function crashLoopContainer(ref: ContainerRef, { everyMs }: { readonly everyMs: number }): Fault {
  if (!(everyMs >= 1)) {
    throw new HoldfastError(
      'HF_BAD_OPTION',
      `Invalid everyMs ${everyMs} for crash-loop-container: must be at least 1.`,
      {
        hint: 'Give an interval of 1 ms or more.',
        exitCode: 64,
      },
    )
  }
  const { namespace, pod, container } = ref
  return runsAnew(ref, {
    ...hitsContainer(ref),
    name: 'crash-loop-container',
    action: () => ({ do: 'container-loop', params: { namespace, pod, container, first: 'SIGKILL', everyMs } }),
    bit: `two successive containers ${container} of ${namespace}/${pod} were killed`,
    proven: { by: ({ ended }) => Number(ended) >= 2, withinMs: everyMs * 2 + secondWithinMs },
    ended: `${container} of ${namespace}/${pod} runs in a new container, and the loop has ended`,
  })
}

/** Terminates a container and kills every replacement of its kubelet, so that it stays down until reverted. */
export function stopContainer(ref: ContainerRef): Fault {
  const { namespace, pod, container } = ref
  const params = { namespace, pod, container, first: 'SIGTERM', everyMs: lookEveryMs } as const
  return runsAnew(ref, {
    ...hitsContainer(ref),
    name: 'stop-container',
    action: () => ({ do: 'container-loop', params }),
    bit: `no container ${container} of ${namespace}/${pod} runs`,
    proven: { by: ({ running }) => running === false, withinMs: secondWithinMs },
    ended: `${container} of ${namespace}/${pod} runs in a new container`,
  })
}

const ended = 'the runtime runs a container of that name with another id, and the loop has ended'

export const crashLoopContainerKind = faultKind({
  name: 'crash-loop-container',
  group: 'process',
  describe: 'Kills a container of a pod repeatedly; its kubelet restarts it each time',
  hits: 'container',
  evidence: { bit: 'two containers with different ids were killed', ended },
  options: z.object({
    everyMs: z.number().int().min(1).default(1_000).describe('milliseconds between kills'),
  }),
  make: (ref, options) => crashLoopContainer(ref, options),
})

export const stopContainerKind = faultKind({
  name: 'stop-container',
  group: 'process',
  describe: 'Terminates a container of a pod (SIGTERM) and kills every replacement that its kubelet starts',
  hits: 'container',
  evidence: { bit: 'its process is gone, and the runtime runs no container of that name', ended },
  options: z.object({}),
  make: (ref) => stopContainer(ref),
})
