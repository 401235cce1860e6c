import { z } from 'zod'
import { HoldfastError } from '../errors.ts'
import { hitsContainer, runsAnew } from './container.ts'
import type { Fault } from './fault.ts'
import { type ContainerRef, faultKind } from './fault-kind.ts'

/** A container that comes back is seen, and ended, so long after at the latest. */
const lookEveryMs = 50
/** The kubelet waits longer before each restart; the first comes within seconds, the second after ten. */
const secondWithinMs = 60_000

/** Ends a container every `everyMs`, and each that its kubelet starts in its place, until healed. */
export function crashLoopContainer(ref: ContainerRef, { everyMs }: { readonly everyMs: number }): Fault {
  if (!(everyMs >= 1)) {
    throw new HoldfastError('HF_BAD_OPTION', `A crash loop every ${everyMs} ms is none.`, {
      hint: 'Give it 1 ms or more.',
      exitCode: 64,
    })
  }
  const { namespace, pod, container } = ref
  return runsAnew(ref, {
    ...hitsContainer(ref),
    name: 'crash-loop-container',
    action: () => ({ do: 'container-loop', params: { namespace, pod, container, first: 'SIGKILL', everyMs } }),
    bit: `two containers ${container} of ${namespace}/${pod}, one after the other, were killed`,
    proven: { by: ({ ended }) => Number(ended) >= 2, withinMs: everyMs * 2 + secondWithinMs },
    ended: `${container} of ${namespace}/${pod} runs in a new container, which is killed no more`,
  })
}

/** Asks a container to end, and ends at once what its kubelet starts in its place: it stays down until healed. */
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

const ended = 'the runtime runs a container of that name with another id, and it is ended no more'

export const crashLoopContainerKind = faultKind({
  name: 'crash-loop-container',
  group: 'process',
  describe: 'Kills a container of a pod again and again; its kubelet brings it back each time',
  hits: 'container',
  evidence: { bit: 'two containers with different ids were killed', ended },
  options: z.object({
    everyMs: z.number().int().min(1).default(1_000).describe('milliseconds from one look, and kill, to the next'),
  }),
  make: (ref, options) => crashLoopContainer(ref, options),
})

export const stopContainerKind = faultKind({
  name: 'stop-container',
  group: 'process',
  describe: 'Asks a container of a pod to end (SIGTERM), and keeps it down: what its kubelet starts is ended at once',
  hits: 'container',
  evidence: { bit: 'its process is gone, and the runtime runs no container of that name', ended },
  options: z.object({}),
  make: (ref) => stopContainer(ref),
})
