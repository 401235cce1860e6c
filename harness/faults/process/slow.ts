import { z } from 'zod'
import type { ComponentRef } from '../../cluster/cluster.ts'
import { HoldfastError } from '../../common/errors.ts'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { hitsProcess } from './component-process.ts'

/** An idle component uses little CPU: the kernel throttles it only when it needs more than its share. */
export const heldBackWithinMs = 30_000

/** Limits a component to `percent` of one CPU (CPU quota). */
export function slow(ref: ComponentRef, { percent }: { readonly percent: number }): Fault {
  refuseShare(percent)
  const { machine, component } = ref
  return agentFault({
    ...hitsProcess(ref),
    name: 'slow',
    action: (lease) => ({ do: 'slow', params: { component, cgroup: kernelName(lease), percent } }),
    bit: `the kernel has throttled ${component} on ${machine.name}`,
    proven: { by: ({ throttled }) => Number(throttled) > 0, withinMs: heldBackWithinMs },
    ended: `${component} on ${machine.name} has no quota`,
  })
}

/** @throws HoldfastError HF_BAD_OPTION */
export function refuseShare(percent: number): void {
  if (percent >= 1) return
  throw new HoldfastError('HF_BAD_OPTION', `Invalid percent ${percent}: must be at least 1.`, {
    hint: 'Give 1 percent or more, or use pause to stop the process completely.',
    exitCode: 64,
  })
}

export const slowKind = faultKind({
  name: 'slow',
  group: 'process',
  describe: 'Limits a component to a share of one CPU (CPU quota)',
  hits: 'component',
  evidence: {
    bit: "the kernel's throttling counter of the process is above 0",
    ended: 'the cgroup with the quota is gone, and the process runs outside of it',
  },
  options: z.object({ percent: z.number().min(1).default(5).describe('percent of one CPU') }),
  make: (ref, options) => slow(ref, options),
})
