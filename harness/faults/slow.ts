import { z } from 'zod'
import type { ComponentRef } from '../cluster/cluster.ts'
import { HoldfastError } from '../errors.ts'
import { agentFault, kernelName } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { hitsProcess } from './process.ts'

/** An idle component uses next to nothing: until it has asked for more than its share, nothing was held back. */
export const heldBackWithinMs = 30_000

/** Gives a component `percent` of one processor and no more (the kernel's own CPU quota). */
export function slow(ref: ComponentRef, { percent }: { readonly percent: number }): Fault {
  refuseShare(percent)
  const { machine, component } = ref
  return agentFault({
    ...hitsProcess(ref),
    name: 'slow',
    action: (lease) => ({ do: 'slow', params: { component, cgroup: kernelName(lease), percent } }),
    bit: `the kernel has held ${component} on ${machine.name} back`,
    proven: { by: ({ throttled }) => Number(throttled) > 0, withinMs: heldBackWithinMs },
    ended: `${component} on ${machine.name} has no quota any more`,
  })
}

/** @throws HoldfastError HF_BAD_OPTION */
export function refuseShare(percent: number): void {
  if (percent >= 1) return
  throw new HoldfastError('HF_BAD_OPTION', `A share of ${percent} percent is none that the kernel can keep.`, {
    hint: 'Give it 1 percent or more; to stop it altogether, pause it.',
    exitCode: 64,
  })
}

export const slowKind = faultKind({
  name: 'slow',
  group: 'process',
  describe: 'Gives a component a share of one processor and no more (CPU quota)',
  hits: 'component',
  evidence: {
    bit: 'the kernel counts times at which it has held the process back',
    ended: 'the cgroup with the quota is gone and the process runs outside',
  },
  options: z.object({ percent: z.number().min(1).default(5).describe('of one processor') }),
  make: (ref, options) => slow(ref, options),
})
